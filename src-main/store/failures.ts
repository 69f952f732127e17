/** SQLite's result codes as failures that a person can act on. */
import Database from 'better-sqlite3';
import { StudioFailure } from '@core/contract/failure';

/** The same error if it is not SQLite's. `file` is named in the message. */
export function storeFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const code = error.code;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StudioFailure(
      'busy',
      `The project is being written by another program: ${file}.`,
      'Wait until it has finished, then try again.',
      { cause: error },
    );
  }
  if (code === 'SQLITE_FULL') {
    return new StudioFailure('disk-full', `The disk is full: ${file} could not be written.`, 'Free some space.', {
      cause: error,
    });
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new StudioFailure(
      'unreadable',
      `The project's database is damaged: ${file}.`,
      'Restore it from a backup copy; the pictures and the runs beside it are not touched.',
      { cause: error },
    );
  }
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_IOERR')) {
    return new StudioFailure(
      'unreadable',
      `The project's database cannot be read or written: ${file} (${error.message}).`,
      'Check that the folder exists and that you may write in it.',
      { cause: error },
    );
  }
  return error;
}

/** An object whose methods translate SQLite's errors. */
export function withReadableErrors<T extends object>(target: T, file: string): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]): unknown => {
        try {
          return Reflect.apply(value, object, parameters);
        } catch (error) {
          throw storeFailure(error, file);
        }
      };
    },
  });
}
