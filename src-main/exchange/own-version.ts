import { readFileSync } from 'node:fs';

/** Of SSD Studio. The path holds in the source tree and in the bundle (out/main). */
export function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
