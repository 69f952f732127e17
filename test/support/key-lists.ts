/** Names and shapes of reference models (shared/spec/keys_*.txt), and lists of our own making, as tensors of a weight file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTensor } from '@core/weights/weight-file';
import { SPEC_DIR } from './shared';

export const keyFile = (name: string): string => join(SPEC_DIR, `keys_${name}.txt`);

/** Lines of `name (2, 3)`. */
export function readKeys(name: string): FileTensor[] {
  const lines = readFileSync(keyFile(name), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, tensor, sizes] = /^(\S+) \((.*)\)$/.exec(line)!;
    return fileTensor(tensor, (sizes.match(/\d+/g) ?? []).map(Number));
  });
}

export function fileTensor(name: string, shape: readonly number[]): FileTensor {
  return { name, shape, dtype: shape.length === 0 ? 'I64' : 'F32' };
}
