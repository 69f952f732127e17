import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../setup/places.mjs';

/** A fingerprint of everything under `sources` (files and folders, from the project root): names, sizes, times. */
export function fingerprint(sources) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (!existsSync(path)) return;
    const { size, mtimeMs } = statSync(path);
    if (!statSync(path).isDirectory()) return hash.update(`${path}\0${size}\0${mtimeMs}\n`);
    for (const name of readdirSync(path).sort()) add(join(path, name));
  };
  for (const source of sources) add(join(root, source));
  return hash.digest('hex');
}

export const isFresh = (file, mark) => existsSync(file) && readFileSync(file, 'utf8') === mark;

export function writeMark(file, mark) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, mark);
}
