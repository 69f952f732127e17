/** Which default boxes overlap an object, and how much: the rows that the matching reads. */
import type { DefaultBoxes } from './generate';

/** What overlaps one object: default boxes, ascending, and their IoU with it. */
export interface OverlapRow {
  readonly priors: Int32Array;
  readonly overlaps: Float64Array;
}

/** Writes the row of an object from the start of the arrays, and returns how long it is. */
export type RowReader = (object: number, row: OverlapRow) => number;

/** Corners of default boxes are rounded to float32: their rows and columns are searched so much wider. */
const ROUNDING = 1e-5;

/**
 * Reads the overlaps of objects with default boxes, rounded to float32 as in Caffe; nothing overlaps a degenerate object. Only
 * the rows and columns of each grid are looked at that its largest box can reach the object from.
 */
export function overlapReader(
  objects: ArrayLike<number>,
  { corners, grids }: Pick<DefaultBoxes, 'corners' | 'grids'>,
): RowReader {
  return (object, { priors, overlaps }) => {
    const x1 = objects[object * 4];
    const y1 = objects[object * 4 + 1];
    const x2 = objects[object * 4 + 2];
    const y2 = objects[object * 4 + 3];
    if (!(x2 > x1 && y2 > y1)) return 0;
    const area = (x2 - x1) * (y2 - y1);
    let count = 0;
    for (const { first, boxesPerCell, shapes, columns, rows } of grids) {
      let [halfWidth, halfHeight] = [0, 0];
      for (let b = 0; b < shapes.length; b += 2) {
        halfWidth = Math.max(halfWidth, shapes[b] / 2 + ROUNDING);
        halfHeight = Math.max(halfHeight, shapes[b + 1] / 2 + ROUNDING);
      }
      const [fromRow, toRow] = within(rows, y1 - halfHeight, y2 + halfHeight);
      const [fromColumn, toColumn] = within(columns, x1 - halfWidth, x2 + halfWidth);
      for (let row = fromRow; row < toRow; row++) {
        const start = first + row * columns.length * boxesPerCell;
        const end = start + toColumn * boxesPerCell;
        for (let prior = start + fromColumn * boxesPerCell; prior < end; prior++) {
          const p = prior * 4;
          const width = Math.min(x2, corners[p + 2]) - Math.max(x1, corners[p]);
          if (!(width > 0)) continue;
          const height = Math.min(y2, corners[p + 3]) - Math.max(y1, corners[p + 1]);
          if (!(height > 0)) continue;
          const intersection = width * height;
          const own = (corners[p + 2] - corners[p]) * (corners[p + 3] - corners[p + 1]);
          priors[count] = prior;
          overlaps[count++] = Math.fround(intersection / (area + own - intersection));
        }
      }
    }
    return count;
  };
}

/** The positions in an ascending list whose values lie between the bounds: [first, end). */
function within(values: Float64Array, low: number, high: number): [number, number] {
  let first = 0;
  while (first < values.length && values[first] < low) first++;
  let end = first;
  while (end < values.length && values[end] <= high) end++;
  return [first, end];
}

/** Reads them from a table [objects, priors]. */
export function tableReader(overlaps: ArrayLike<number>, priors: number): RowReader {
  return (object, row) => {
    for (let prior = 0; prior < priors; prior++) {
      row.priors[prior] = prior;
      row.overlaps[prior] = overlaps[object * priors + prior];
    }
    return priors;
  };
}
