/** A folder that a person asked for, complete on disk or not there at all. */
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import { writeSynced } from '../engine/write-synced';
import { writeFailure } from './write-whole';

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes the files into a folder of another name beside, then renames it. An empty folder at `path`, or one whose every file is
 * `replaceable`, is replaced. Returns the size of all files in bytes.
 * @throws StudioFailure 'already-exists' when there is something else at `path`, 'disk-full', 'not-allowed'
 */
export async function writeFolder(
  path: string,
  files: readonly NamedFile[],
  replaceable: (name: string) => boolean,
): Promise<number> {
  const exists = await checkReplaceable(path, replaceable);
  const temporary = `${path}.part-${process.pid}`;
  const replaced = `${path}.old-${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(temporary);
    for (const { name, bytes } of files) await writeSynced(join(temporary, name), [bytes]);
    if (exists) await rename(path, replaced);
    try {
      await rename(temporary, path);
    } catch (error) {
      if (exists) await rename(replaced, path);
      throw error;
    }
    if (exists) await rm(replaced, { recursive: true, force: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw writeFailure(path, error);
  }
  return files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}

/** Whether there is a folder to replace. */
async function checkReplaceable(path: string, replaceable: (name: string) => boolean): Promise<boolean> {
  const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw writeFailure(path, error);
  });
  if (there === null) return false;
  const refuse = (why: string): never => {
    const advice = `Choose another name in ${dirname(path)}, or remove it first.`;
    throw new StudioFailure('already-exists', `${path} was not replaced: ${why}.`, advice);
  };
  if (!there.isDirectory()) refuse(`${basename(path)} is not a folder`);
  const foreign = (await readdir(path)).find((name) => !replaceable(name));
  if (foreign !== undefined) refuse(`the folder holds other files (${foreign})`);
  return true;
}
