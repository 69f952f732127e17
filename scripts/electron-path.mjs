import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { folderName } from './setup/electron-from-npm.mjs';
import { packageVersion, readStamp } from './setup/stamps.mjs';

/**
 * The Electron that set-up found for the installed `electron` package: `{ executable, dist, version, route }`, or undefined
 * before set-up. `version` is the runtime's; by the second route it is older than the package's.
 */
export function installedElectron() {
  const found = readStamp('electron');
  if (!found || found.for !== packageVersion('electron') || !existsSync(found.executable)) return undefined;
  return found.route === 'npm' && basename(found.dist) !== folderName ? undefined : found;
}

/** The Electron executable; start, tests and packaging all ask here. */
export function electronPath() {
  const found = installedElectron();
  if (!found) throw new Error('Electron is not set up yet: run `npm run setup`');
  return found.executable;
}
