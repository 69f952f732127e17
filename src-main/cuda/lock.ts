/** One installation at a time, whichever process it runs in. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { StudioFailure } from '@core/contract/failure';

/** Returns what gives the lock back. Throws StudioFailure 'busy' when a living process holds it. */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isHeld(path)) {
      throw new StudioFailure('busy', 'The CUDA libraries are being installed already.', 'Wait until that is done.');
    }
    await rm(path, { force: true });
  }
  throw new StudioFailure('busy', `${path} could not be taken.`);
}

export async function isHeld(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
