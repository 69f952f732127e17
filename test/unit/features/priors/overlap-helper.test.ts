import { describe, expect, it } from 'vitest';
import { inTwo } from '../../../../src-renderer/features/priors/overlap-helper';

const grids = [4, 6, 6, 6, 4, 4].map((boxesPerCell) => ({ boxesPerCell }));

describe('sources for two workers', () => {
  it('are split by their boxes of a cell', () => {
    expect(inTwo([0, 1, 2, 3, 4, 5], grids)).toEqual([
      [1, 3, 5],
      [2, 0, 4],
    ]);
  });

  it('stay with the first where there is one only', () => {
    expect(inTwo([3], grids)).toEqual([[3], []]);
    expect(inTwo([], grids)).toEqual([[], []]);
  });
});
