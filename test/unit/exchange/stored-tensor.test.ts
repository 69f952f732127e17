import { describe, expect, it } from 'vitest';
import {
  checkTensor,
  contiguousStrides,
  readValues,
  type StoredTensor,
} from '../../../src-main/exchange/stored-tensor';

/** A storage whose element i is i mod 251, of any size, that notes what is read of it. */
function countedStorage(elements: number) {
  const reads: { start: number; length: number }[] = [];
  const read = async (start: number, length: number) => {
    reads.push({ start, length });
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = (start + i) % 251;
    return bytes;
  };
  return { reads, storage: { bytes: elements, read } };
}

const tensorOver = (
  storage: StoredTensor['storage'],
  shape: number[],
  strides: number[],
  offset = 0,
): StoredTensor => ({
  name: 'x',
  dtype: 'U8',
  shape,
  strides,
  offset,
  storage,
});

async function valuesOf(tensor: StoredTensor): Promise<number[]> {
  checkTensor(tensor);
  return [...(await readValues(tensor))];
}

describe('a tensor as a view on a storage', () => {
  it('is read from its own bytes only', async () => {
    const { reads, storage } = countedStorage(1000);
    expect(await valuesOf(tensorOver(storage, [2, 3], [3, 1], 100))).toEqual([100, 101, 102, 103, 104, 105]);
    expect(reads).toEqual([{ start: 100, length: 6 }]);
  });

  it.each<[string, number[], number[], number[]]>([
    ['transposed', [2, 3], [1, 2], [0, 2, 4, 1, 3, 5]],
    ['repeated', [2, 3], [0, 1], [0, 1, 2, 0, 1, 2]],
    ['with gaps', [2, 2], [4, 2], [0, 2, 4, 6]],
    ['overlapping', [3, 2], [1, 1], [0, 1, 1, 2, 2, 3]],
    ['three axes turned', [2, 2, 2], [1, 4, 2], [0, 2, 4, 6, 1, 3, 5, 7]],
    ['sides of one with any stride', [1, 3, 1], [99, 1, 7], [0, 1, 2]],
  ])('%s', async (_, shape, strides, expected) => {
    expect(await valuesOf(tensorOver(countedStorage(1000).storage, shape, strides))).toEqual(expected);
  });

  it('passes once over a large storage, a window at a time', async () => {
    const size = 100_000_000;
    const { reads, storage } = countedStorage(size);
    const stride = 1_000_003;
    // A column and its transposed order: neighbours in the tensor lie far apart in the storage.
    const values = await valuesOf(tensorOver(storage, [3, 33], [1, 3 * stride]));
    expect(values.slice(0, 3)).toEqual([0, (3 * stride) % 251, (6 * stride) % 251]);
    expect(values.slice(33, 35)).toEqual([1, (3 * stride + 1) % 251]);
    expect(Math.max(...reads.map(({ length }) => length))).toBeLessThanOrEqual(16 << 20);
    expect(reads.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(size);
  });

  it('is refused when it overlaps itself over more than a window', async () => {
    const { storage } = countedStorage(100_000_000);
    const overlapping = tensorOver(storage, [2, 40_000_000], [20_000_000, 1]);
    await expect(valuesOf(overlapping)).rejects.toThrow(/overlaps itself/);
  });

  it('has no values where a side is zero', async () => {
    const { reads, storage } = countedStorage(5);
    expect(await valuesOf(tensorOver(storage, [0, 9], contiguousStrides([0, 9])))).toEqual([]);
    expect(reads).toEqual([]);
  });
});
