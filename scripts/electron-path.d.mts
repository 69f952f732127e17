export function installedElectron(): { executable: string; dist: string; version: string; route: string } | undefined;
export function electronPath(): string;
