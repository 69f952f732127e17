/** How a picture's file is named in the database: by its real path, relative to the project when inside it. */
import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';

export class ImagePaths {
  /** `directory` is the project's real path. */
  constructor(private readonly directory: string) {}

  toStored(path: string): string {
    const real = realPath(resolve(this.directory, path));
    const inside = relative(this.directory, real);
    const isInside = inside !== '' && !inside.startsWith(`..${sep}`) && inside !== '..' && !isAbsolute(inside);
    return isInside ? inside.split(sep).join('/') : real;
  }

  toAbsolute(stored: string): string {
    return isAbsolute(stored) ? stored : join(this.directory, ...stored.split('/'));
  }
}

/** The path itself when the file does not exist (any more). */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
