/**
 * How well default boxes fit a project's objects, without comparing each with each. Default boxes of one shape lie on a grid,
 * and their overlap with an object falls with the distance of the centres along each axis alone (the overlap of two intervals
 * is a trapezoid in their distance), so the best box of a shape is the one of the column and the row nearest to the object.
 */
import { iouAt } from '../geometry/overlap';
import type { Variances } from './coder';
import { gridBoxes, sourceOf, type DefaultBoxes, type SourceGrid } from './generate';
import { matchTargets, type MatchObjects } from './match';

/** Objects of many pictures as columns; unit coordinates. `ObjectColumns` of the contract is one. */
export interface CoverageObjects {
  readonly imageId: ArrayLike<number>;
  readonly x1: ArrayLike<number>;
  readonly y1: ArrayLike<number>;
  readonly x2: ArrayLike<number>;
  readonly y2: ArrayLike<number>;
}

export interface Coverage {
  /** Per object: its best IoU with any default box, 0 without area. */
  readonly bestIou: Float32Array;
  /** Per object: that default box and its source, -1 when nothing overlaps. */
  readonly bestPrior: Int32Array;
  readonly bestSource: Int32Array;
  /** Objects with a default box of at least the threshold. */
  readonly matched: number;
  /** Objects that only the bipartite step of the matching gives a default box. */
  readonly forced: number;
  /** Objects that touch no default box or have no area. */
  readonly unmatched: number;
  /** Default boxes that would learn an object, summed over the pictures, per source. */
  readonly positivesPerSource: readonly number[];
  /** Pictures with objects. */
  readonly images: number;
}

const SMALLEST_OVERLAP = 1e-6;

/** Coverage of all objects; time grows with objects times boxes per cell, not with the number of default boxes. */
export function analyseCoverage(
  objects: CoverageObjects,
  defaultBoxes: Pick<DefaultBoxes, 'grids'>,
  threshold: number,
): Coverage {
  const { grids } = defaultBoxes;
  const count = objects.x1.length;
  const bestIou = new Float32Array(count);
  const bestPrior = new Int32Array(count).fill(-1);
  const bestSource = new Int32Array(count).fill(-1);
  const positivesPerSource = grids.map(() => 0);
  const lastGrid = grids[grids.length - 1];
  /** The last picture that a default box was counted for, so that a box is counted once per picture. */
  const countedFor = new Int32Array(lastGrid ? lastGrid.first + gridBoxes(lastGrid) : 0);
  let matched = 0;
  let forced = 0;
  let images = 0;
  const order = byPicture(objects.imageId, count);
  for (let from = 0, to = 0; from < count; from = to) {
    images++;
    while (to < count && objects.imageId[order[to]] === objects.imageId[order[from]]) to++;
    for (let i = from; i < to; i++) coverObject(order[i]);
    for (let i = from; i < to; i++) if (bestIou[order[i]] < threshold) forceObject(order[i]);
  }
  return {
    bestIou,
    bestPrior,
    bestSource,
    matched,
    forced,
    unmatched: count - matched - forced,
    positivesPerSource,
    images,
  };

  function coverObject(object: number): void {
    const x1 = objects.x1[object];
    const y1 = objects.y1[object];
    const x2 = objects.x2[object];
    const y2 = objects.y2[object];
    if (!(x2 > x1 && y2 > y1)) return;
    let best = SMALLEST_OVERLAP;
    for (let k = 0; k < grids.length; k++) {
      const { shapes, boxesPerCell, columns, rows, first } = grids[k];
      const column = nearest(columns, (x1 + x2) / 2);
      const row = nearest(rows, (y1 + y2) / 2);
      for (let b = 0; b < boxesPerCell; b++) {
        const w = shapes[2 * b];
        const h = shapes[2 * b + 1];
        const areas = w * h + (x2 - x1) * (y2 - y1);
        const overlap = along(x1, x2, columns[column], w) * along(y1, y2, rows[row], h);
        const iou = overlap / (areas - overlap);
        if (iou > best) {
          best = iou;
          bestPrior[object] = first + (row * columns.length + column) * boxesPerCell + b;
          bestSource[object] = k;
        }
        if (iou >= threshold) {
          const enough = (threshold * areas) / (1 + threshold);
          positivesPerSource[k] += countCells(grids[k], b, x1, y1, x2, y2, column, row, enough);
        }
      }
    }
    if (bestPrior[object] < 0) return;
    bestIou[object] = best;
    if (best >= threshold) matched++;
  }

  /** Cells around the best one whose box of shape b overlaps the object by at least `enough`, not yet counted in this picture. */
  function countCells(
    { columns, rows, shapes, boxesPerCell, first }: SourceGrid,
    b: number,
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    column: number,
    row: number,
    enough: number,
  ): number {
    const w = shapes[2 * b];
    const h = shapes[2 * b + 1];
    const widest = along(x1, x2, columns[column], w);
    let counted = 0;
    for (let down = 1; down >= -1; down -= 2) {
      for (let r = down > 0 ? row : row - 1; r >= 0 && r < rows.length; r += down) {
        const height = along(y1, y2, rows[r], h);
        if (widest * height < enough) break;
        for (let right = 1; right >= -1; right -= 2) {
          for (let c = right > 0 ? column : column - 1; c >= 0 && c < columns.length; c += right) {
            if (along(x1, x2, columns[c], w) * height < enough) break;
            counted += countOnce(first + (r * columns.length + c) * boxesPerCell + b);
          }
        }
      }
    }
    return counted;
  }

  function forceObject(object: number): void {
    const prior = bestPrior[object];
    if (prior < 0) return;
    forced++;
    countOnce(prior);
    // When the box is another object's already, the bipartite step gives this one a neighbour of it.
    positivesPerSource[bestSource[object]]++;
  }

  function countOnce(prior: number): number {
    if (countedFor[prior] === images) return 0;
    countedFor[prior] = images;
    return 1;
  }
}

/** Best IoU of each object alone, for searches over configurations. Writes to `out`. */
export function bestOverlaps(objects: CoverageObjects, grids: readonly SourceGrid[], out: Float64Array): void {
  out.fill(0);
  for (const { shapes, boxesPerCell, columns, rows } of grids) {
    for (let object = 0; object < out.length; object++) {
      const x1 = objects.x1[object];
      const y1 = objects.y1[object];
      const x2 = objects.x2[object];
      const y2 = objects.y2[object];
      const area = (x2 - x1) * (y2 - y1);
      const cx = columns[nearest(columns, (x1 + x2) / 2)];
      const cy = rows[nearest(rows, (y1 + y2) / 2)];
      for (let b = 0; b < boxesPerCell; b++) {
        const w = shapes[2 * b];
        const h = shapes[2 * b + 1];
        const overlap = along(x1, x2, cx, w) * along(y1, y2, cy, h);
        const iou = overlap / (area + w * h - overlap);
        if (iou > out[object]) out[object] = iou;
      }
    }
  }
}

/** Share of the objects whose best IoU reaches each threshold: recall of a detector that regresses nothing. */
export function recallCurve(bestIou: ArrayLike<number>, thresholds: readonly number[]): number[] {
  const sorted = Float64Array.from(bestIou).sort();
  let below = 0;
  return thresholds.map((threshold, i) => {
    if (i === 0 || threshold < thresholds[i - 1]) below = 0;
    while (below < sorted.length && sorted[below] < threshold) below++;
    return sorted.length === 0 ? 0 : (sorted.length - below) / sorted.length;
  });
}

/** A default box that learns an object of the picture. */
export interface MatchingBox {
  readonly prior: number;
  readonly source: number;
  /** Position among the picture's objects. */
  readonly object: number;
  readonly iou: number;
  /** Below the threshold: only the bipartite step gave it to the object. */
  readonly forced: boolean;
}

/** The default boxes that one picture would train, by the matching itself. */
export function matchingBoxes(
  objects: MatchObjects,
  defaultBoxes: DefaultBoxes,
  threshold: number,
  variances: Variances = [0.1, 0.2],
): MatchingBox[] {
  const { matched } = matchTargets(objects, defaultBoxes, threshold, variances);
  const found: MatchingBox[] = [];
  matched.forEach((object, prior) => {
    if (object < 0) return;
    const iou = iouAt(objects.corners, object, defaultBoxes.corners, prior);
    found.push({ prior, source: sourceOf(defaultBoxes, prior), object, iou, forced: iou < threshold });
  });
  return found;
}

/** Overlap of the interval [low, high] with one of this length around a centre; 0 when apart. */
function along(low: number, high: number, center: number, length: number): number {
  const overlap = Math.min(high, center + length / 2) - Math.max(low, center - length / 2);
  return overlap > 0 ? overlap : 0;
}

/** Index of the value nearest to x in ascending, evenly spaced values, of which the outer ones may be clamped. */
function nearest(values: Float64Array, x: number): number {
  const last = values.length - 1;
  if (last === 0) return 0;
  let i = Math.round((x - values[0]) / (values[1] - values[0]) || 0);
  i = i < 0 ? 0 : i > last ? last : i;
  while (i < last && Math.abs(values[i + 1] - x) < Math.abs(values[i] - x)) i++;
  while (i > 0 && Math.abs(values[i - 1] - x) <= Math.abs(values[i] - x)) i--;
  return i;
}

/** Indices of the objects so that those of one picture stand together; no sorting when they do already. */
function byPicture(imageId: ArrayLike<number>, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 1; i < count; i++) {
    if (imageId[i] < imageId[i - 1]) return order.sort((a, b) => imageId[a] - imageId[b] || a - b);
  }
  return order;
}
