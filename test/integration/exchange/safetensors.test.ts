import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ElementType } from '@core/weights/weight-file';
import { openWeightFile } from '../../../src-main/exchange/weight-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file of a header, given as text or as a value, and data. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const path = join(folder, 'weights.bin');
  writeFileSync(path, Buffer.concat([length, text, data]));
  return path;
}

const bytesOf = (values: ArrayBufferView): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const entry = (shape: readonly number[], start: number, end: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [start, end],
});
const failure = (path: string): Promise<Error> =>
  openWeightFile(path).then(
    () => expect.unreachable('the file was opened'),
    (error: Error) => error,
  );

describe('safetensors files', () => {
  const types: readonly (readonly [ElementType, ArrayBufferView, readonly number[]])[] = [
    ['F64', Float64Array.of(1.5, -(2 ** 60), 0.1), [1.5, -(2 ** 60), Math.fround(0.1)]],
    ['F32', Float32Array.of(1.5, -0, 3e-45), [1.5, -0, Math.fround(3e-45)]],
    ['F16', Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00, 0x7e00), [1, -2, 2 ** -24, 65504, -Infinity, NaN]],
    ['BF16', Uint16Array.of(0x3f80, 0xc040, 0x0080), [1, -3, 2 ** -126]],
    ['I64', BigInt64Array.of(-5n, 2n ** 40n), [-5, 2 ** 40]],
    ['I32', Int32Array.of(-7, 70000), [-7, 70000]],
    ['I16', Int16Array.of(-7, 7000), [-7, 7000]],
    ['I8', Int8Array.of(-128, 127), [-128, 127]],
    ['U8', Uint8Array.of(0, 255), [0, 255]],
    ['BOOL', Uint8Array.of(0, 1, 2), [0, 1, 1]],
  ];

  it.each(types)('give the numbers of %s as float32', async (dtype, values, expected) => {
    const data = bytesOf(values);
    const opened = await openWeightFile(file({ x: entry([expected.length], 0, data.length, dtype) }, data));
    expect(opened).toMatchObject({ format: 'safetensors', tensors: [{ name: 'x', shape: [expected.length], dtype }] });
    expect([...(await opened.read('x'))]).toEqual(expected);
    await opened.close();
  });

  it('keep their metadata, their order, scalars and empty tensors', async () => {
    const header = {
      __metadata__: { format: 'pt' },
      b: entry([], 4, 8),
      a: entry([1, 1], 0, 4),
      none: entry([0, 5], 4, 4),
    };
    const opened = await openWeightFile(file(header, bytesOf(Float32Array.of(1, 2))));
    expect(opened.metadata).toEqual({ format: 'pt' });
    expect(opened.tensors.map(({ name }) => name)).toEqual(['b', 'a', 'none']);
    expect([...(await opened.read('b'))]).toEqual([2]);
    expect([...(await opened.read('none'))]).toEqual([]);
    await expect(opened.read('c')).rejects.toThrow(RangeError);
    await opened.close();
  });

  const four = new Uint8Array(4);
  it.each<[string, unknown, Uint8Array, RegExp]>([
    ['an unread type', { x: entry([1], 0, 1, 'F8_E4M3') }, new Uint8Array(1), /x has the type F8_E4M3/],
    ['a hole', { x: entry([1], 4, 8) }, new Uint8Array(8), /4 bytes of no tensor before x/],
    ['an overlap', { x: entry([1], 0, 4), y: entry([1], 2, 6) }, new Uint8Array(6), /y overlaps/],
    ['bytes at the end', { x: entry([1], 0, 4) }, new Uint8Array(7), /3 bytes after the last/],
    ['a range outside', { x: entry([2], 0, 8) }, four, /x lies outside/],
    ['a range that does not fit the shape', { x: entry([2], 0, 4) }, four, /4 bytes for 8/],
    ['a range turned round', { x: entry([0], 4, 0) }, four, /-4 bytes for 0/],
    ['sizes beyond counting', { x: entry([2 ** 52, 2 ** 52, 0], 0, 4) }, four, /x/],
    ['a negative side', { x: entry([-1], 0, 4) }, four, /x is described wrongly/],
    ['a tensor that is none', { x: 3 }, four, /x is described wrongly/],
    ['a name twice', '{"x": 1, "\\u0078" : 2}', four, /names x twice/],
    ['metadata that are no texts', { __metadata__: { a: 1 } }, new Uint8Array(0), /metadata/],
    ['a header cut short', '{"x": {"dtype', four, /not JSON/],
    ['many open quotes', `{"${'\\"'.repeat(200_000)}`, four, /not JSON/],
    ['a deep header', `{"x":${'['.repeat(200_000)}`, four, /nested too deeply/],
  ])('with %s are refused', async (_, header, data, message) => {
    const path = file(header, data);
    const error = await failure(path);
    expect(error.name).toBe('StudioFailure');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
  });

  it('are not mistaken: other files, folders and missing files each get their sentence', async () => {
    const path = join(folder, 'photo.safetensors');
    writeFileSync(path, 'GIF89a, surely no weights');
    expect((await failure(path)).message).toMatch(/neither/);
    writeFileSync(path, '');
    expect((await failure(path)).message).toMatch(/it is empty/);
    expect((await failure(folder)).message).toMatch(/not a file/);
    expect((await failure(join(folder, 'none'))).message).toMatch(/There is no file/);
  });
});
