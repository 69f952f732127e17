/** One file fetched whole or in several goes, its checksum compared at the end. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { StudioFailure } from '@core/contract/failure';
import { ConnectionFault, get, streamFault, withRetries } from './http';

export interface DownloadOptions {
  readonly url: string;
  readonly sha256: string;
  /** Said in errors. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Bytes of this file that are on disk now. */
  readonly progress: (bytes: number) => void;
  /** Pauses after lost connections, in milliseconds. */
  readonly waits?: readonly number[];
}

/**
 * Leaves the file at `path`. What lies there is taken for its beginning and the rest is asked for; a file whose checksum is wrong
 * although its beginning was old is fetched once more from the start. After any other failure but a lost connection nothing stays.
 * @throws StudioFailure 'unreadable' for the network and the checksum, 'disk-full', 'cancelled'
 */
export async function download(path: string, options: DownloadOptions): Promise<void> {
  const { what, sha256, signal } = options;
  const resumed = (await sizeOnDisk(path)) > 0;
  let known = await sizeOnDisk(path);
  let reached = known;
  await withRetries(
    async () => {
      known = reached;
      await fetchRest(path, options, (bytes) => (reached = bytes));
    },
    what,
    signal,
    { waits: options.waits, advanced: () => reached > known },
  );
  if ((await sha256OfFile(path, signal)) === sha256) return;
  await rm(path, { force: true });
  if (resumed) return download(path, options);
  throw new StudioFailure(
    'unreadable',
    `${what} has another checksum than the package index says.`,
    'Try again. If it happens again, the index or a proxy on the way gives another file: tell whoever runs it.',
  );
}

async function fetchRest(path: string, { url, signal, progress }: DownloadOptions, reached: (bytes: number) => void) {
  const have = await sizeOnDisk(path);
  const answer = await get(url, { headers: have > 0 ? { range: `bytes=${have}-` } : {}, signal });
  const continues = answer.statusCode === 206 && startOfRange(answer.headers['content-range']) === have;
  if (answer.statusCode === 416) {
    answer.destroy();
    // Nothing is left, or what lies here is longer than the file: its checksum tells.
    return;
  }
  const whole = Number(answer.headers['content-length'] ?? NaN) + (continues ? have : 0);
  const file = await open(path, continues ? 'a' : 'w');
  let bytes = continues ? have : 0;
  try {
    progress(bytes);
    for await (const part of answer as AsyncIterable<Buffer>) {
      await file.write(part);
      bytes += part.length;
      reached(bytes);
      progress(bytes);
    }
    await file.sync();
  } catch (error) {
    throw diskFault(streamFault(error, signal), path);
  } finally {
    answer.destroy();
    await file.close();
  }
  if (Number.isFinite(whole) && bytes < whole) throw new ConnectionFault('the connection ended early');
}

const startOfRange = (range: string | undefined): number => Number(/^bytes (\d+)-/.exec(range ?? '')?.[1] ?? NaN);

/** A full disk as the failure that says so; anything else as it is. */
export function diskFault(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new StudioFailure('disk-full', `The disk is full: ${path} could not be written.`, 'Make room and try again.', {
    cause: error,
  });
}

async function sizeOnDisk(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : 0;
}

export async function sha256OfFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(part as Buffer);
  } catch (error) {
    throw streamFaultOfDisk(error, signal);
  }
  return hash.digest('hex');
}

const streamFaultOfDisk = (error: unknown, signal: AbortSignal): unknown =>
  signal.aborted ? new StudioFailure('cancelled', 'Cancelled.') : error;
