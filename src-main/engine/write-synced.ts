import { open } from 'node:fs/promises';

/** Resolves when the bytes have reached the disk. Replaces what is there. */
export async function writeSynced(path: string, parts: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}
