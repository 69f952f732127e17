/** studio-app://studio/...: the built renderer, and nothing beside it, under a strict content security policy. */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { IMAGE_SCHEME } from '@core/contract/studio';

export const APP_SCHEME = 'studio-app';
export const APP_ORIGIN = `${APP_SCHEME}://studio`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  // Positions and colours set on single elements, and the ground colour before the style sheet is there.
  "style-src 'self' 'unsafe-inline'",
  `img-src 'self' ${IMAGE_SCHEME}: blob: data:`,
  "connect-src 'self' blob:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Answers requests for the files of `root`. */
export function serveApp(root: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const path = filePath(root, request.url);
    const type = path && CONTENT_TYPES[extname(path)];
    if (!path || !type || request.method !== 'GET') return new Response('Not found', { status: 404 });
    try {
      return new Response(await readFile(path), {
        headers: {
          'Content-Type': type,
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'no-cache',
        },
      });
    } catch {
      return new Response('Not found', { status: 404 });
    }
  };
}

/** Null for another host and for anything but plain names below the root. */
function filePath(root: string, address: string): string | null {
  const url = new URL(address);
  if (url.host !== 'studio' || !/^(\/[\w-][\w.-]*)+$/.test(url.pathname)) return null;
  const path = join(root, url.pathname);
  return path.startsWith(root + sep) ? path : null;
}
