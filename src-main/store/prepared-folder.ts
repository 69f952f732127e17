/**
 * runs/new-<uuid>: a folder that is filled before the run is in the database. It names the process that fills it; what a process
 * has left that was killed meanwhile is removed when the project is opened.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMarkedProcessAlive, writeProcessMark } from './process-mark';

const PREFIX = 'new-';
/** Without the name of a process it may just have been made. */
const UNMARKED_MILLISECONDS = 3_600_000;

const runsIn = (projectDirectory: string): string => join(projectDirectory, 'runs');
const markIn = (prepared: string): string => join(prepared, 'owner.pid');

/** A new empty folder of this process. */
export async function prepareFolder(projectDirectory: string): Promise<string> {
  const prepared = join(runsIn(projectDirectory), `${PREFIX}${randomUUID()}`);
  await mkdir(prepared, { recursive: true });
  writeProcessMark(markIn(prepared));
  return prepared;
}

/** It becomes the folder of a run, which must not exist yet. */
export async function adoptFolder(prepared: string, runDirectory: string): Promise<void> {
  await rm(markIn(prepared), { force: true });
  await rename(prepared, runDirectory);
}

/** Removes the folders whose process is gone; one that cannot be removed stays for another time. */
export async function removeAbandonedFolders(projectDirectory: string): Promise<void> {
  const names = await readdir(runsIn(projectDirectory)).catch((): string[] => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const folder = join(runsIn(projectDirectory), name);
    if (await isAbandoned(folder)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const alive = isMarkedProcessAlive(markIn(folder));
  if (alive !== null) return !alive;
  const found = await stat(folder).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > UNMARKED_MILLISECONDS;
}
