import { describe, expect, it } from 'vitest';
import { extentOfMask } from '@core/formats/run-length';

const SIZE = [60, 80] as const;

describe('the extent of a run-length mask', () => {
  // Strings, areas and boxes from pycocotools 2.0.11 (mask.encode, mask.area, mask.toBbox).
  it.each([
    [
      'two rectangles',
      'f9n0n00000000000000000000000000000000000000d:WOUF00000000000000000000000000000000000000000000000000000000000000000000000000000Va0',
      { bounds: [5, 10, 65, 45], area: 800 },
    ],
    ['a run that goes on in the next column', 'd:n0^Z4', { bounds: [5, 0, 2, 60], area: 30 }],
    ['no pixel', 'Pf4', { bounds: [0, 0, 0, 0], area: 0 }],
  ])('%s', (_, counts, extent) => {
    expect(extentOfMask({ size: SIZE, counts })).toEqual(extent);
  });

  it('is the same from runs that are not compressed', () => {
    const counts = [340, 30, 4430];
    expect(extentOfMask({ size: SIZE, counts })).toEqual(extentOfMask({ size: SIZE, counts: 'd:n0^Z4' }));
  });

  it.each([
    ['more pixels than there are', [340, 5000]],
    ['a run of less than nothing', [340, -1]],
    ['letters of another alphabet', 'd:n0é'],
    ['a number that does not end', 'd:n0^'],
    ['a number too long', 'ooooooooooooooo'],
  ])('is null for %s', (_, counts) => {
    expect(extentOfMask({ size: SIZE, counts })).toBeNull();
  });
});
