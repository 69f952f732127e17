/**
 * Which default boxes lie under a point. Default boxes of one shape form a regular grid, so that those around a point are a
 * range of its columns and rows: found by halving, without looking at the others.
 */
import type { Size } from '@core/geometry/convert';
import type { DefaultBoxes, SourceGrid } from '@core/priors/generate';

export interface PickQuestion {
  /** Unit coordinates. */
  readonly x: number;
  readonly y: number;
  /** Unit by which a point may miss a border, and still means it. */
  readonly tolerance: readonly [x: number, y: number];
  /** Which boxes can be meant: those that are drawn. */
  readonly isShown: (prior: number) => boolean;
}

/**
 * Those whose border is within the tolerance, nearest border first; then those that contain the point, smallest first. Equal
 * ones by their position.
 * @param image pixels: distances are measured on the picture, not on the unit square
 */
export function boxesAt(boxes: Pick<DefaultBoxes, 'grids'>, question: PickQuestion, image: Size): readonly number[] {
  const found: { prior: number; near: boolean; order: number }[] = [];
  for (const grid of boxes.grids) {
    for (let b = 0; b < grid.boxesPerCell; b++) collect(grid, b);
  }
  found.sort((p, q) => Number(q.near) - Number(p.near) || p.order - q.order || p.prior - q.prior);
  return found.map(({ prior }) => prior);

  function collect({ first, map, boxesPerCell, shapes, columns, rows }: SourceGrid, b: number) {
    const { x, y, tolerance, isShown } = question;
    const [halfWidth, halfHeight] = [shapes[2 * b] / 2, shapes[2 * b + 1] / 2];
    const lastColumn = firstAbove(columns, x + halfWidth + tolerance[0]);
    const lastRow = firstAbove(rows, y + halfHeight + tolerance[1]);
    const firstRow = firstFrom(rows, y - halfHeight - tolerance[1]);
    for (let column = firstFrom(columns, x - halfWidth - tolerance[0]); column < lastColumn; column++) {
      for (let row = firstRow; row < lastRow; row++) {
        const prior = first + (row * map.width + column) * boxesPerCell + b;
        if (!isShown(prior)) continue;
        // Negative inside of the box.
        const beyondX = Math.abs(x - columns[column]) - halfWidth;
        const beyondY = Math.abs(y - rows[row]) - halfHeight;
        const near = Math.max(beyondX / tolerance[0], beyondY / tolerance[1]) > -1;
        const distance = Math.max(beyondX * image.width, beyondY * image.height);
        found.push({ prior, near, order: near ? Math.abs(distance) : shapes[2 * b] * shapes[2 * b + 1] });
      }
    }
  }
}

/** The next box at the same place: repeated clicks go around all that lie there. */
export function nextPick(found: readonly number[], chosen: number | null): number | null {
  if (found.length === 0) return null;
  return found[(chosen === null ? 0 : found.indexOf(chosen) + 1) % found.length];
}

/** Index of the first value that is not below; ascending values. */
const firstFrom = (values: Float64Array, limit: number): number => halve(values, (value) => value >= limit);
const firstAbove = (values: Float64Array, limit: number): number => halve(values, (value) => value > limit);

function halve(values: Float64Array, reached: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
