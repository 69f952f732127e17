import { describe, expect, it } from 'vitest';
import { sourceShape, transformValues } from '@core/weights/transforms';

const counted = (count: number) => Float32Array.from({ length: count }, (_, i) => i);

describe('a class predictor with background last', () => {
  it('gets it first, box by box, bias and kernel alike', () => {
    // Two boxes of three classes: a, b, background.
    expect([...transformValues('backgroundFirst', counted(6), [6], 3)]).toEqual([2, 0, 1, 5, 3, 4]);
    const kernel = transformValues('backgroundFirst', counted(12), [6, 2, 1, 1], 3);
    expect([...kernel]).toEqual([4, 5, 0, 1, 2, 3, 10, 11, 6, 7, 8, 9]);
  });

  it('must have whole boxes', () => {
    expect(() => transformValues('backgroundFirst', counted(5), [5], 3)).toThrow(RangeError);
  });
});

describe('fc6 and fc7 from fully connected layers', () => {
  it('take every 4th output, and taps 0, 3, 6 of the 7x7', () => {
    expect(sourceShape('decimateFc6', [1024, 512, 3, 3])).toEqual([4096, 25088]);
    const values = transformValues('decimateFc6', counted(8 * 2 * 49), [2, 2, 3, 3], 2);
    const taps = [0, 3, 6, 21, 24, 27, 42, 45, 48];
    expect([...values.subarray(0, 9)]).toEqual(taps);
    expect([...values.subarray(9, 18)]).toEqual(taps.map((tap) => tap + 49));
    expect([...values.subarray(18, 27)]).toEqual(taps.map((tap) => tap + 4 * 2 * 49));
  });

  it('take every 4th input of fc7, which are the outputs that fc6 kept, and every 4th bias', () => {
    expect(sourceShape('decimateFc7', [1024, 1024, 1, 1])).toEqual([4096, 4096]);
    expect([...transformValues('decimateFc7', counted(64), [2, 2, 1, 1], 2)]).toEqual([0, 4, 32, 36]);
    expect([...transformValues('decimateBias', counted(8), [2], 2)]).toEqual([0, 4]);
  });

  it('need as many values as the shape says', () => {
    expect(() => transformValues('decimateFc7', counted(63), [2, 2, 1, 1], 2)).toThrow(/63 values where 64/);
    expect(() => transformValues('copy', counted(3), [2, 2], 2)).toThrow(RangeError);
  });
});
