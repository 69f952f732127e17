/** Damaged files: the right values or a failure that names the file, never anything else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StudioFailure } from '@core/contract/failure';
import { elements } from '@core/network/parameters';
import type { WrittenTensor } from '../../../src-main/engine/safetensors-file';
import { writePyTorchZip } from '../../../src-main/exchange/pytorch-writer';
import { writeSafetensors } from '../../../src-main/exchange/safetensors-writer';
import { openWeightFile } from '../../../src-main/exchange/weight-file';
import {
  dict,
  floats,
  global,
  integer,
  legacyFile,
  opcode,
  orderedDict,
  pickle,
  plainTensor,
  tensor,
  text,
} from '../../support/pickle';
import { readAll } from '../../support/weight-folder';
import { torchMembers, zipFile } from '../../support/zip';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const table = dict([
  ['conv.weight', tensor({ key: '0', elements: 8, shape: [2, 2, 2], strides: [1, 2, 4] })],
  ['conv.bias', plainTensor('1', 2)],
  ['nested', dict([['scale', tensor({ key: '1', elements: 2, shape: [3], strides: [0], offset: 1 })]])],
]);
const first = floats(0, 1, 2, 3, 4, 5, 6, 7);
const second = floats(-0.5, 20);
const members = torchMembers(table, { 0: first, 1: second });
const checked: Readonly<Record<string, Buffer>> = {
  zip: zipFile(members),
  'zip, deflated': zipFile(members.map((member) => ({ ...member, deflated: true }))),
};
const unchecked: Readonly<Record<string, Buffer>> = {
  'zip64 without checksums': zipFile(
    members.map((member) => ({ ...member, crc: 0 })),
    { wide: true },
  ),
  legacy: legacyFile(table, [
    ['0', first, 8],
    ['1', second, 2],
  ]),
  safetensors: safetensors(),
};

function safetensors(): Buffer {
  const header = Buffer.from(
    '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]},"b":{"dtype":"F16","shape":[],"data_offsets":[32,34]}}',
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, first, Buffer.alloc(2)]);
}

/** What a file gives, or null when it is refused as it should be. */
async function outcome(content: Uint8Array): Promise<Record<string, number[]> | null> {
  const path = join(folder, 'damaged');
  writeFileSync(path, content);
  try {
    const file = await openWeightFile(path);
    try {
      const values = await readAll(file);
      for (const { name, shape } of file.tensors) expect(values[name]).toHaveLength(elements(shape));
      expect(Object.keys(values)).toHaveLength(file.tensors.length);
      return values;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof StudioFailure)) throw error;
    expect(error.message).toContain(path);
    return null;
  }
}

/** Some bytes changed, anywhere; sometimes cut as well. */
function damaged(content: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.integer({ min: 0, max: content.length - 1 });
  const whole = fc.constant(content.length);
  return fc
    .record({
      changes: fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
      length: fc.oneof({ weight: 6, arbitrary: whole }, { weight: 1, arbitrary: place }),
    })
    .map(({ changes, length }) => {
      const copy = Buffer.from(content);
      for (const [at, value] of changes) copy[at] = value;
      return copy.subarray(0, length);
    });
}

describe('a damaged weight file', () => {
  it.each(Object.entries(unchecked))('(%s) gives whole tensors or is refused', async (_, content) => {
    expect(await outcome(content)).not.toBeNull();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damaged(content), async (copy) => {
        if ((await outcome(copy)) === null) refused++;
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(300);
    expect(refused).toBeLessThan(1500);
  });

  it.each(Object.entries(checked))('(%s) with checksums gives the right values or is refused', async (_, content) => {
    const right = await outcome(content);
    expect(Object.keys(right ?? {})).toHaveLength(3);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damaged(content), async (copy) => {
        const values = await outcome(copy);
        if (values === null) refused++;
        else expect(values).toEqual(right);
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it('whose pickle is any sequence of opcodes is refused or read', async () => {
    const fragment = fc.oneof(
      fc.constantFrom(
        ...['(', ')', 't', ']', 'a', 'e', '}', 's', 'u', 'R', 'b', 'o', '0', '1', '2', 'Q', 'N', 'q\x01', 'h\x01'].map(
          (part) => pickle(part),
        ),
        ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94].map((code) => opcode(code)),
        global('torch._utils', '_rebuild_tensor_v2'),
        global('torch', 'FloatStorage'),
        global('torch', 'Size'),
        orderedDict(),
        plainTensor('0', 8),
        text('storage'),
        integer(2),
        integer(2 ** 40),
      ),
      fc.integer({ min: 0, max: 255 }).map((code) => opcode(code)),
    );
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fragment, { maxLength: 40 }), async (parts) => {
        await outcome(zipFile(torchMembers(pickle('}(', text('w'), plainTensor('0', 8), ...parts, 'u'), { 0: first })));
        seen++;
      }),
      { numRuns: 1500 },
    );
    expect(seen).toBe(1500);
  });
});

describe('what our writers write', () => {
  const tensorOf = (name: string): fc.Arbitrary<WrittenTensor> =>
    fc
      .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
      .chain((shape) =>
        fc
          .float32Array({ minLength: elements(shape), maxLength: elements(shape), noNaN: true })
          .map((values) => ({ name, shape, values })),
      );
  const tensors = fc
    .uniqueArray(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => name !== '__metadata__'),
      { maxLength: 6 },
    )
    .chain((names) => fc.tuple(...names.map(tensorOf)));
  const expected = (all: readonly WrittenTensor[]) =>
    all.map(({ name, shape, values }) => ({ name, shape, values: [...values] }));

  async function reread(path: string) {
    const file = await openWeightFile(path);
    try {
      const values = await readAll(file);
      return file.tensors.map(({ name, shape }) => ({ name, shape, values: values[name] }));
    } finally {
      await file.close();
    }
  }

  it('our reader gives back, bit for bit, and the same tensors give the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(tensors, async (all) => {
        const [zip, plain, again] = ['w.pth', 'w.safetensors', 'again.pth'].map((name) => join(folder, name));
        await writeSafetensors(plain, all, { format: 'pt' });
        const bySpelling = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
        expect((await reread(plain)).sort(bySpelling)).toEqual(expected(all).sort(bySpelling));
        await writePyTorchZip(zip, all);
        await writePyTorchZip(again, all);
        expect((await readFile(zip)).equals(await readFile(again))).toBe(true);
        if (all.length > 0) expect(await reread(zip)).toEqual(expected(all));
      }),
      { numRuns: 100 },
    );
  });

  it('has its storages on multiples of 64 bytes', async () => {
    const path = join(folder, 'aligned.pth');
    await writePyTorchZip(
      path,
      [3, 1, 17].map((length, i) => ({
        name: `w${i}`,
        shape: [length],
        values: new Float32Array(length).fill(i + 0.5),
      })),
    );
    const content = await readFile(path);
    for (const i of [0, 1, 2]) expect(content.indexOf(floats(i + 0.5)) % 64).toBe(0);
  });

  it('is nothing when names come twice or values do not fill a shape', async () => {
    const path = join(folder, 'never');
    const tensor = { name: 'w', shape: [2], values: Float32Array.of(1, 2) };
    for (const wrong of [[tensor, tensor], [{ ...tensor, shape: [3] }]]) {
      await expect(writePyTorchZip(path, wrong)).rejects.toThrow(RangeError);
      await expect(writeSafetensors(path, wrong, {})).rejects.toThrow(RangeError);
    }
    await expect(readFile(path)).rejects.toThrow(/ENOENT/);
  });
});
