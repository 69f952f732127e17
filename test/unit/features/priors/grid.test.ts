import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import {
  boxCount,
  boxesOfCell,
  cellAt,
  cellBox,
  gridsOf,
  moveCell,
} from '../../../../src-renderer/features/priors/grid';

const input = { width: 300, height: 300 };
const maps = [38, 19, 10, 5, 3, 1].map((size) => ({ width: size, height: size }));
const preset = presetDefaultBoxes(defaultChoice('ssd300'));
const grids = gridsOf(preset, input, maps);

describe('the grids of the sources', () => {
  it('have the offsets of SSD300', () => {
    expect(grids.map((grid) => grid.firstBox)).toEqual([0, 5776, 7942, 8542, 8692, 8728]);
    expect(grids.reduce((sum, grid) => sum + boxCount(grid), 0)).toBe(8732);
  });

  it('give each cell the default boxes whose centre lies in its middle', () => {
    const { centers } = generateDefaultBoxes(preset, input, maps);
    for (const grid of grids) {
      const cell = { row: grid.height - 1, column: grid.width >> 1 };
      const { x1, y1, x2, y2 } = cellBox(grid, cell);
      for (const box of boxesOfCell(grid, cell)) {
        expect(centers[4 * box]).toBeCloseTo((x1 + x2) / 2, 5);
        expect(centers[4 * box + 1]).toBeCloseTo((y1 + y2) / 2, 5);
      }
    }
  });

  it('find the cell under a point', () => {
    expect(cellAt(grids[2], 0.999, 0.5)).toEqual({ row: 4, column: 9 });
    expect(cellAt(grids[5], 0.999, 0.5)).toEqual({ row: 0, column: 0 });
  });

  it('have no cell outside the picture', () => {
    for (const [x, y] of [
      [-0.01, 0.5],
      [1, 0.5],
      [0.5, 1.2],
      [NaN, 0],
    ])
      expect(cellAt(grids[0], x, y)).toBeNull();
  });

  it('keep a moved cell on the map', () => {
    expect(moveCell(grids[4], { row: 0, column: 2 }, -1, 1)).toEqual({ row: 0, column: 2 });
  });
});
