/** A file that a person asked for, complete on disk or not there at all. */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import { writeSynced } from '../engine/write-synced';

/**
 * Writes the parts under another name, syncs, renames; makes the folder. Returns the file's size in bytes.
 * @throws StudioFailure 'disk-full' or 'not-allowed' with the path and what to do
 */
export async function writeWhole(path: string, parts: Iterable<Uint8Array>): Promise<number> {
  const temporary = `${path}.part-${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(temporary, parts);
    await rename(temporary, path);
    return (await stat(path)).size;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFailure(path, error);
  }
}

/** What a person is told when a file or folder of theirs could not be written. */
export function writeFailure(path: string, error: unknown): StudioFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new StudioFailure(
    full ? 'disk-full' : 'not-allowed',
    `${path} could not be written: ${full ? 'the disk is full' : message}.`,
    full ? 'Make room, or choose another disk.' : 'Choose another folder.',
    { cause: error },
  );
}
