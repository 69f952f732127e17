/**
 * How the default boxes of one source overlap objects, without comparing each with each. Boxes of one shape lie on a grid, and
 * their overlap with an object falls with the distance of the centres along each axis alone (the overlap of two intervals is a
 * trapezoid in their distance), so the best box of a shape is the one of the column and the row nearest to the object.
 */
import { gridBoxes, type SourceGrid } from './generate';
import type { ObjectTable } from './object-table';

/** Pairs that overlap no more than this are no pairs at all (Caffe). */
export const SMALLEST_OVERLAP = 1e-6;

/** What one source alone has for the objects. */
export interface SourceOverlaps {
  /** Per object: its best IoU with a box of this source, 0 without. */
  readonly iou: Float64Array;
  /** That box, counted from the source's first; -1 when none overlaps. */
  readonly box: Int32Array;
  /** Boxes that overlap an object of their picture from the threshold on, summed over the pictures. */
  readonly positives: number;
}

export function sourceOverlaps(objects: ObjectTable, grid: SourceGrid, threshold: number): SourceOverlaps {
  const { count, pictures, order, starts } = objects;
  const { columns, rows, boxesPerCell, shapes } = grid;
  const iou = new Float64Array(count);
  const box = new Int32Array(count).fill(-1);
  const areas = Float64Array.from({ length: boxesPerCell }, (_, b) => shapes[2 * b] * shapes[2 * b + 1]);
  const columnSpacing = spacing(columns);
  const rowSpacing = spacing(rows);
  const share = threshold / (1 + threshold);
  /** The last picture that a box was counted for, so that a box counts once per picture. */
  const countedFor = new Int32Array(gridBoxes(grid)).fill(-1);
  /** Of the object and the shape that are counted: what their overlap is wide in each column. */
  const widths = new Float64Array(columns.length);
  let positives = 0;
  for (let picture = 0; picture < pictures; picture++) {
    for (let at = starts[picture]; at < starts[picture + 1]; at++) {
      const object = order[at];
      const x1 = objects.x1[object];
      const y1 = objects.y1[object];
      const x2 = objects.x2[object];
      const y2 = objects.y2[object];
      if (!(x2 > x1 && y2 > y1)) continue;
      const area = (x2 - x1) * (y2 - y1);
      const column = nearest(columns, columnSpacing, (x1 + x2) / 2);
      const row = nearest(rows, rowSpacing, (y1 + y2) / 2);
      const cx = columns[column];
      const cy = rows[row];
      let best = SMALLEST_OVERLAP;
      let bestShape = -1;
      for (let b = 0; b < boxesPerCell; b++) {
        const width = along(x1, x2, cx, shapes[2 * b]);
        const height = along(y1, y2, cy, shapes[2 * b + 1]);
        const both = areas[b] + area;
        const overlap = width * height;
        const value = overlap / (both - overlap);
        if (value > best) {
          best = value;
          bestShape = b;
        }
        if (value >= threshold) countCells(b, x1, y1, x2, y2, column, row, width, height, share * both, picture);
      }
      if (bestShape < 0) continue;
      iou[object] = best;
      box[object] = (row * columns.length + column) * boxesPerCell + bestShape;
    }
  }
  return { iou, box, positives };

  /** Cells around the nearest one whose box of shape b shares at least `enough` area with the object. */
  function countCells(
    b: number,
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    column: number,
    row: number,
    widest: number,
    highest: number,
    enough: number,
    picture: number,
  ): void {
    let first = column;
    let last = column;
    widths[column] = widest;
    for (let step = -1; step <= 1; step += 2) {
      for (let c = column + step; c >= 0 && c < columns.length; c += step) {
        widths[c] = along(x1, x2, columns[c], shapes[2 * b]);
        if (widths[c] * highest < enough) break;
        if (step < 0) first = c;
        else last = c;
      }
    }
    countRow(b, row, first, last, picture);
    // Away from the nearest row fewer and fewer columns are left.
    for (let step = -1; step <= 1; step += 2) {
      let from = first;
      let to = last;
      for (let r = row + step; r >= 0 && r < rows.length; r += step) {
        const height = along(y1, y2, rows[r], shapes[2 * b + 1]);
        if (widest * height < enough) break;
        while (widths[from] * height < enough) from++;
        while (widths[to] * height < enough) to--;
        countRow(b, r, from, to, picture);
      }
    }
  }

  function countRow(b: number, row: number, first: number, last: number, picture: number): void {
    const start = row * columns.length;
    const end = (start + last) * boxesPerCell + b;
    for (let index = (start + first) * boxesPerCell + b; index <= end; index += boxesPerCell) {
      if (countedFor[index] === picture) continue;
      countedFor[index] = picture;
      positives++;
    }
  }
}

/** Raises each best IoU in `best` to that with a box of the grid where it is larger; for searches over configurations. */
export function raiseOverlaps(objects: ObjectTable, grid: SourceGrid, best: Float64Array): void {
  const { columns, rows, boxesPerCell, shapes } = grid;
  const columnSpacing = spacing(columns);
  const rowSpacing = spacing(rows);
  for (let object = 0; object < objects.count; object++) {
    const x1 = objects.x1[object];
    const y1 = objects.y1[object];
    const x2 = objects.x2[object];
    const y2 = objects.y2[object];
    if (!(x2 > x1 && y2 > y1)) continue;
    const area = (x2 - x1) * (y2 - y1);
    const cx = columns[nearest(columns, columnSpacing, (x1 + x2) / 2)];
    const cy = rows[nearest(rows, rowSpacing, (y1 + y2) / 2)];
    for (let b = 0; b < boxesPerCell; b++) {
      const w = shapes[2 * b];
      const h = shapes[2 * b + 1];
      const overlap = along(x1, x2, cx, w) * along(y1, y2, cy, h);
      const iou = overlap / (area + w * h - overlap);
      if (iou > best[object]) best[object] = iou;
    }
  }
}

/** A box of a grid, counted from its first, and what it shares with an object. */
export interface GridBox {
  box: number;
  iou: number;
}

/**
 * The box of the grid that overlaps the object most among those that are free, when it overlaps more than `out.iou`.
 * @param out overwritten when there is such a box
 * @returns whether there is
 */
export function bestFreeBox(
  objects: ObjectTable,
  object: number,
  { columns, rows, shapes, boxesPerCell }: SourceGrid,
  isFree: (box: number) => boolean,
  out: GridBox,
): boolean {
  const x1 = objects.x1[object];
  const y1 = objects.y1[object];
  const x2 = objects.x2[object];
  const y2 = objects.y2[object];
  const column = nearest(columns, spacing(columns), (x1 + x2) / 2);
  const row = nearest(rows, spacing(rows), (y1 + y2) / 2);
  let found = false;
  for (let b = 0; b < boxesPerCell; b++) {
    const w = shapes[2 * b];
    const h = shapes[2 * b + 1];
    const areas = w * h + (x2 - x1) * (y2 - y1);
    const iouOf = (overlap: number): number => overlap / (areas - overlap);
    const widest = along(x1, x2, columns[column], w);
    for (let down = 1; down >= -1; down -= 2) {
      for (let r = down > 0 ? row : row - 1; r >= 0 && r < rows.length; r += down) {
        const height = along(y1, y2, rows[r], h);
        if (iouOf(widest * height) <= out.iou) break;
        for (let right = 1; right >= -1; right -= 2) {
          for (let c = right > 0 ? column : column - 1; c >= 0 && c < columns.length; c += right) {
            const iou = iouOf(along(x1, x2, columns[c], w) * height);
            if (iou <= out.iou) break;
            const index = (r * columns.length + c) * boxesPerCell + b;
            if (!isFree(index)) continue;
            out.box = index;
            out.iou = iou;
            found = true;
            break;
          }
        }
      }
    }
  }
  return found;
}

/** IoU of an object and a box of a grid, counted from the grid's first. */
export function gridIou(
  objects: ObjectTable,
  object: number,
  { columns, rows, shapes, boxesPerCell }: SourceGrid,
  box: number,
): number {
  const b = box % boxesPerCell;
  const cell = (box - b) / boxesPerCell;
  const column = cell % columns.length;
  const row = (cell - column) / columns.length;
  const x1 = objects.x1[object];
  const y1 = objects.y1[object];
  const x2 = objects.x2[object];
  const y2 = objects.y2[object];
  const w = shapes[2 * b];
  const h = shapes[2 * b + 1];
  const overlap = along(x1, x2, columns[column], w) * along(y1, y2, rows[row], h);
  return overlap / (w * h + (x2 - x1) * (y2 - y1) - overlap);
}

/** Overlap of the interval [low, high] with one of this length around a centre; 0 when apart. Math.min and Math.max are slower. */
function along(low: number, high: number, center: number, length: number): number {
  const from = center - length / 2;
  const to = center + length / 2;
  const overlap = (to < high ? to : high) - (from > low ? from : low);
  return overlap > 0 ? overlap : 0;
}

/** How far apart ascending values lie; 0 for one alone, and where outer ones are clamped. */
function spacing(values: Float64Array): number {
  const last = values.length - 1;
  if (last === 0) return 0;
  const distance = values[1] - values[0];
  return Math.abs(values[last] - values[0] - last * distance) < 1e-9 ? distance : 0;
}

/** Index of the value nearest to x in ascending values, all so far apart unless that is 0; the lower of two. */
function nearest(values: Float64Array, distance: number, x: number): number {
  const last = values.length - 1;
  let i = 0;
  if (distance > 0) {
    const at = (x - values[0]) / distance;
    i = Math.max(0, Math.min(last, Math.floor(at + 0.5)));
    // Far enough from the middle between two that no rounding decides.
    if (Math.abs(at - i) < 0.499) return i;
  }
  while (i < last && Math.abs(values[i + 1] - x) < Math.abs(values[i] - x)) i++;
  while (i > 0 && Math.abs(values[i - 1] - x) <= Math.abs(values[i] - x)) i--;
  return i;
}
