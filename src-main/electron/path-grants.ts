/**
 * Which paths a renderer may name. A person's choice in a native dialog grants a folder and what is inside, or one file;
 * recent projects and suggested folders are granted when the service answers them. Nothing else is allowed.
 */
import { isAbsolute, relative, resolve, sep } from 'node:path';

export class PathGrants {
  private readonly folders = new Set<string>();
  private readonly files = new Set<string>();

  grantFolder(path: string): void {
    this.folders.add(resolve(path));
  }

  grantFile(path: string): void {
    this.files.add(resolve(path));
  }

  allowsFolder(path: string): boolean {
    return isPlain(path) && [...this.folders].some((folder) => isInside(folder, path));
  }

  allowsFile(path: string): boolean {
    return isPlain(path) && this.files.has(path);
  }
}

/** Absolute and already in its shortest form: no `..`, no doubled or trailing separators, no NUL. */
function isPlain(path: string): boolean {
  return isAbsolute(path) && !path.includes('\0') && resolve(path) === path;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
