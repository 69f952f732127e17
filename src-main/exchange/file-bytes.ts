/** A file that stays open and is read by byte range, so that memory holds only what is asked for. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { StudioFailure } from '@core/contract/failure';

/** What is wrong inside a weight file, and where; whoever knows the path makes it a failure that names the file. */
export class WeightFileFault extends Error {
  constructor(
    message: string,
    readonly advice = 'The file may be damaged or incomplete: fetch or save it again.',
  ) {
    super(message);
  }
}

/** @throws StudioFailure for a fault and for what the file system says; all else as it came */
export function throwAsFailure(error: unknown, path: string): never {
  if (error instanceof WeightFileFault) {
    const message = `The weight file ${path} cannot be read: ${error.message}.`;
    throw new StudioFailure('unreadable', message, error.advice, { cause: error });
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    throw new StudioFailure('not-found', `There is no file ${path}.`, 'It may have been moved or renamed.', {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    throw new StudioFailure('not-allowed', `${path} may not be read.`, 'Check its permissions.', { cause: error });
  }
  throw error;
}

/** Bytes of a known number, read by range: a copy of `length` bytes from `start` in a buffer of their own. */
export interface Bytes {
  readonly size: number;
  read(start: number, length: number, what: string): Promise<Uint8Array>;
}

export class FileBytes implements Bytes {
  private constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}

  static async open(path: string): Promise<FileBytes> {
    // Asked before opening: a pipe would wait for its writer for ever.
    if (!(await stat(path)).isFile()) throw new WeightFileFault('it is not a file', 'Choose a weight file.');
    const handle = await open(path, 'r');
    return new FileBytes(handle, (await handle.stat()).size);
  }

  /** A copy of `length` bytes from `start` in a buffer of their own. */
  async read(start: number, length: number, what: string): Promise<Uint8Array> {
    if (start < 0 || length < 0 || start + length > this.size) {
      throw new WeightFileFault(`${what} lies outside the file (bytes ${start} to ${start + length} of ${this.size})`);
    }
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.handle.read(bytes, done, length - done, start + done);
      if (bytesRead === 0) throw new WeightFileFault(`it became shorter while ${what} was read`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
