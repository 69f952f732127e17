export function openDisplay(): Promise<{ env: Record<string, string>; close(): void }>;
