/** Logs of a run that are one record a line. */
import { open, readFile, rename } from 'node:fs/promises';

/** Rewrites a log with the lines that fit, under another name first; nothing happens where there is none. */
export async function keepLines(path: string, fits: (line: string) => boolean): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return;
  const file = await open(`${path}.part`, 'w');
  try {
    await file.writeFile(
      text
        .split('\n')
        .filter(fits)
        .map((line) => line + '\n')
        .join(''),
    );
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}
