/** Weight files for tests: bytes in, the opened file or its failure out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { openWeightFile, type WeightFile } from '../../src-main/exchange/weight-file';

/** Call it in a suite; its folder lives as long as the suite. */
export function weightFolder() {
  let folder: string;
  let made = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssd-weights-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const place = (content: Uint8Array, name = `${made++}.bin`): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  /** All values of a file, by name. */
  const values = async (content: Uint8Array): Promise<Record<string, number[]>> => {
    const file = await openWeightFile(place(content));
    try {
      return await readAll(file);
    } finally {
      await file.close();
    }
  };
  /** The failure to open or to read a file; it names the file. */
  const failure = async (content: Uint8Array): Promise<string> => {
    const path = place(content);
    const error = await openWeightFile(path)
      .then(async (file) => readAll(file).finally(() => file.close()))
      .then(
        () => expect.unreachable('the file was read'),
        (thrown: unknown) => thrown as Error,
      );
    expect(error.name, error.stack).toBe('StudioFailure');
    expect(error.message).toContain(path);
    return error.message;
  };
  return { place, values, failure, path: () => folder };
}

export async function readAll(file: WeightFile): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for (const { name } of file.tensors) all[name] = [...(await file.read(name))];
  return all;
}
