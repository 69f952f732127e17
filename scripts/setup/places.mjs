import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder that holds package.json. */
export const root = resolve(import.meta.dirname, '../..');

export const inPackages = (...parts) => join(root, 'node_modules', ...parts);

/**
 * Where things that take long to fetch or to build are kept, once per machine and user:
 * SSD_STUDIO_CACHE, else the platform's own place for caches.
 */
export function cacheFolder() {
  if (process.env.SSD_STUDIO_CACHE) return resolve(process.env.SSD_STUDIO_CACHE);
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'ssd-studio');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/ssd-studio');
  if (process.platform === 'win32' && process.env.LOCALAPPDATA)
    return join(process.env.LOCALAPPDATA, 'ssd-studio', 'cache');
  return join(homedir(), '.cache', 'ssd-studio');
}

/** For names of cached things that hold machine code. */
export const machine = `${process.platform}-${process.arch}`;
