/** Unpacks the files of a wheel that are needed, in pieces: some are larger than memory should hold. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { StudioFailure } from '@core/contract/failure';
import { FileBytes } from '../exchange/file-bytes';
import { entryStart } from '../exchange/zip-archive';
import { diskFault } from './download';
import { type PlacedEntry, wheelContents } from './wheel-contents';

export interface UnpackedFile {
  /** Below the installation's folder, with forward slashes. */
  readonly place: string;
  readonly bytes: number;
  readonly sha256: string;
}

const DEFLATED = 8;
const AT_ONCE = 1 << 20;

/** Returns what was written, for the manifest. Throws StudioFailure: 'unreadable', 'not-allowed', 'disk-full', 'cancelled'. */
export async function unpackWheel(
  path: string,
  wheel: string,
  folder: string,
  signal: AbortSignal,
): Promise<UnpackedFile[]> {
  const file = await FileBytes.open(path);
  try {
    const written: UnpackedFile[] = [];
    for (const entry of await wheelContents(file, wheel)) {
      written.push(await unpackEntry(path, { entry, start: await entryStart(entry, file) }, wheel, folder, signal));
    }
    return written;
  } finally {
    await file.close();
  }
}

async function unpackEntry(
  archive: string,
  { entry, start }: { readonly entry: PlacedEntry; readonly start: number },
  wheel: string,
  folder: string,
  signal: AbortSignal,
): Promise<UnpackedFile> {
  const { place, packed, size, method, crc: wanted } = entry;
  const target = join(folder, ...place.split('/'));
  const hash = createHash('sha256');
  let crc = 0;
  let bytes = 0;
  const damaged = (): StudioFailure =>
    new StudioFailure('unreadable', `${wheel} is damaged: ${entry.name} does not unpack to what the archive says.`);
  try {
    await mkdir(dirname(target), { recursive: true });
    const file = await open(target, 'w');
    try {
      const write = async (parts: AsyncIterable<Buffer>): Promise<void> => {
        for await (const part of parts) {
          bytes += part.length;
          if (bytes > size) throw damaged();
          hash.update(part);
          crc = crc32(part, crc);
          for (let at = 0; at < part.length;) at += (await file.write(part, at)).bytesWritten;
        }
      };
      if (packed > 0) {
        const source = createReadStream(archive, { start, end: start + packed - 1, highWaterMark: AT_ONCE });
        if (method === DEFLATED) await pipeline(source, createInflateRaw({ chunkSize: AT_ONCE }), write, { signal });
        else await pipeline(source, write, { signal });
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (signal.aborted) throw new StudioFailure('cancelled', 'Cancelled.');
    if (/^Z_|^ERR_ZLIB/.test((error as NodeJS.ErrnoException).code ?? '')) throw damaged();
    throw diskFault(error, target);
  }
  if (bytes !== size || crc !== wanted) throw damaged();
  return { place, bytes, sha256: hash.digest('hex') };
}
