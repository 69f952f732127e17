import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inPackages } from './places.mjs';

// Stamps live inside node_modules: who deletes that folder gets everything set up again.
const folder = () => inPackages('.ssd-studio');

/** The value written by `writeStamp`, or undefined. */
export function readStamp(name) {
  try {
    return JSON.parse(readFileSync(join(folder(), `${name}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeStamp(name, value) {
  mkdirSync(folder(), { recursive: true });
  const file = join(folder(), `${name}.json`);
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2));
  renameSync(`${file}.new`, file);
}

export function packageVersion(name) {
  return JSON.parse(readFileSync(inPackages(name, 'package.json'), 'utf8')).version;
}
