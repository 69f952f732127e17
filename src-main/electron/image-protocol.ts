/**
 * studio-image://: pictures by number. The service looks the number up; the file is served only when its path is still the
 * real one (no link was put in its place) and its first bytes are a picture's, so that not even a forged project can show
 * another file.
 */
import { open, realpath, type FileHandle } from 'node:fs/promises';
import type { ImageRequest } from '../workers/service-messages';
import { APP_ORIGIN } from './app-protocol';

const CHUNK = 256 * 1024;

/** Null for everything but the three forms of the contract, digits only. */
export function parseImageUrl(address: string): ImageRequest | null {
  // The raw text is judged: a parser would fold `..` and `%2e%2e` before anyone saw them.
  const match =
    /^studio-image:\/\/(?:(picture|thumbnail)\/([1-9]\d{0,14})|recent\/(\d{1,3})\/(\d{1,3}))(?:\?v=[\w-]{1,64})?$/.exec(
      address,
    );
  if (!match) return null;
  const [, kind, id, project, picture] = match;
  if (kind === 'picture' || kind === 'thumbnail') return { kind, id: Number(id) };
  return { kind: 'recent', project: Number(project), picture: Number(picture) };
}

/** `locate` answers the absolute path of a picture, or null. */
export function serveImages(locate: (image: ImageRequest) => Promise<string | null>) {
  return async (request: Request): Promise<Response> => {
    const image = parseImageUrl(request.url);
    if (!image || request.method !== 'GET') return refusal(400, 'Not a picture address');
    const path = await locate(image);
    if (path === null) return refusal(404, 'No such picture');
    let file: FileHandle | null = null;
    try {
      if ((await realpath(path)) !== path) return refusal(403, 'The path of this picture has changed');
      file = await open(path, 'r');
      const { size } = await file.stat();
      const type = await pictureType(file);
      if (type === null) {
        await file.close();
        return refusal(415, 'Not a picture');
      }
      const headers = {
        'Content-Type': type,
        'Content-Length': String(size),
        // Numbers repeat between projects, and the page keeps pictures by address even against 'no-cache'.
        'Cache-Control': 'no-store',
        'Access-Control-Allow-Origin': APP_ORIGIN,
        'X-Content-Type-Options': 'nosniff',
      };
      return new Response(streamOf(file), { headers });
    } catch {
      await file?.close();
      return refusal(404, 'The file of this picture cannot be read');
    }
  };
}

function refusal(status: number, message: string): Response {
  return new Response(message, {
    status,
    headers: { 'Content-Type': 'text/plain', 'Access-Control-Allow-Origin': APP_ORIGIN, 'Cache-Control': 'no-store' },
  });
}

/** By the first bytes; null when it is none of the kinds that the window can show. */
async function pictureType(file: FileHandle): Promise<string | null> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
  const start = buffer.subarray(0, bytesRead).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'image/webp';
  if (start.startsWith('BM')) return 'image/bmp';
  return null;
}

function streamOf(file: FileHandle): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { buffer, bytesRead } = await file.read(new Uint8Array(CHUNK), 0, CHUNK, position);
      if (bytesRead === 0) {
        await file.close();
        controller.close();
        return;
      }
      position += bytesRead;
      controller.enqueue(buffer.subarray(0, bytesRead));
    },
    cancel: () => file.close(),
  });
}
