/** How well default boxes fit a project's objects: what each object gets, and how many default boxes would learn objects. */
import { iouAt } from '../geometry/overlap';
import type { Variances } from './coder';
import { gridBoxes, sourceOf, type DefaultBoxes, type SourceGrid } from './generate';
import { gridIou, sourceOverlaps, type SourceOverlaps } from './grid-overlap';
import { matchTargets, type MatchObjects } from './match';
import { objectTable, type CoverageObjects, type ObjectTable } from './object-table';
import { OwnBoxes } from './own-boxes';

export interface Coverage {
  /** Per object: its best IoU with any default box, 0 without area. */
  readonly bestIou: Float32Array;
  /** Per object: that default box and its source, -1 when nothing overlaps. */
  readonly bestPrior: Int32Array;
  readonly bestSource: Int32Array;
  /** Per object: the default box that Caffe's matching gives it for its own, no other object's of the picture; -1 none. */
  readonly ownPrior: Int32Array;
  /** Per object: its best IoU with a default box of each source alone. */
  readonly sourceIou: readonly Float64Array[];
  /** Objects with a default box of at least the threshold. */
  readonly matched: number;
  /** Objects that only the bipartite step of the matching gives a default box. */
  readonly forced: number;
  /** Objects that touch no default box or have no area. */
  readonly unmatched: number;
  /** Objects whose best default box is another object's best as well. */
  readonly sharing: number;
  /** Objects that must do with a default box of less IoU than their best, because that is another object's. */
  readonly displaced: number;
  /** Default boxes that would learn an object, summed over the pictures, per source. */
  readonly positivesPerSource: readonly number[];
  /** Pictures with objects. */
  readonly images: number;
}

/** Coverage of all objects; time grows with objects times boxes per cell, not with the number of default boxes. */
export function analyseCoverage(
  objects: CoverageObjects,
  { grids }: Pick<DefaultBoxes, 'grids'>,
  threshold: number,
): Coverage {
  return new CoverageAnalyser(objects).cover(grids, threshold);
}

/** For many questions about the same objects: a source that has not changed since the last one is not looked at again. */
export class CoverageAnalyser {
  readonly #objects: ObjectTable;
  readonly #known: { readonly grid: SourceGrid; readonly threshold: number; readonly overlaps: SourceOverlaps }[] = [];

  constructor(objects: CoverageObjects) {
    this.#objects = objectTable(objects);
  }

  /** Positions of the sources that `cover` would have to look at. */
  unknown(grids: readonly SourceGrid[], threshold: number): number[] {
    return [...grids.keys()].filter((k) => {
      const known = this.#known[k];
      return known?.threshold !== threshold || !sameGrid(known.grid, grids[k]);
    });
  }

  /** Looks at one source. */
  look(source: number, grid: SourceGrid, threshold: number): void {
    this.keep(source, grid, threshold, sourceOverlaps(this.#objects, grid, threshold));
  }

  /** Takes over what was found about a source elsewhere, on the same objects. */
  keep(source: number, grid: SourceGrid, threshold: number, overlaps: SourceOverlaps): void {
    this.#known[source] = { grid, threshold, overlaps };
  }

  cover(grids: readonly SourceGrid[], threshold: number): Coverage {
    for (const k of this.unknown(grids, threshold)) this.look(k, grids[k], threshold);
    const overlaps = grids.map((_, k) => this.#known[k].overlaps);
    return combine(this.#objects, grids, overlaps, threshold);
  }
}

function combine(
  objects: ObjectTable,
  grids: readonly SourceGrid[],
  sources: readonly SourceOverlaps[],
  threshold: number,
): Coverage {
  const { count, pictures, order, starts } = objects;
  const bestSource = new Int32Array(count).fill(-1);
  const best = { box: new Int32Array(count).fill(-1), iou: new Float64Array(count) };
  sources.forEach(({ iou, box }, k) => {
    for (let i = 0; i < count; i++) {
      if (iou[i] <= best.iou[i]) continue;
      best.iou[i] = iou[i];
      best.box[i] = grids[k].first + box[i];
      bestSource[i] = k;
    }
  });
  const lastGrid = grids[grids.length - 1];
  const ownBoxes = new OwnBoxes(objects, grids, lastGrid ? lastGrid.first + gridBoxes(lastGrid) : 0, best);
  const { own } = ownBoxes;
  const offsets = [...grids.map(({ first }) => first), Infinity];
  const positivesPerSource = sources.map(({ positives }) => positives);
  let matched = 0;
  let forced = 0;
  let displaced = 0;
  for (let picture = 0; picture < pictures; picture++) {
    const from = starts[picture];
    const to = starts[picture + 1];
    ownBoxes.settle(from, to);
    for (let at = from; at < to; at++) {
      const object = order[at];
      if (best.iou[object] >= threshold) matched++;
      else if (own.box[object] >= 0) forced++;
      if (own.iou[object] < best.iou[object] - ROUNDING) displaced++;
      if (own.box[object] < 0 || own.iou[object] >= threshold) continue;
      const source = sourceOf({ offsets }, own.box[object]);
      if (!learnsAnother(own.box[object] - grids[source].first, grids[source], from, to)) positivesPerSource[source]++;
    }
  }
  return {
    bestIou: Float32Array.from(best.iou),
    bestPrior: best.box,
    bestSource,
    ownPrior: own.box,
    sourceIou: sources.map(({ iou }) => iou),
    matched,
    forced,
    unmatched: count - matched - forced,
    sharing: ownBoxes.sharing,
    displaced,
    positivesPerSource,
    images: pictures,
  };

  /** Whether a box counts as positive already, for an object of its picture that it overlaps from the threshold on. */
  function learnsAnother(box: number, grid: SourceGrid, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const object = order[at];
      if (best.iou[object] >= threshold && gridIou(objects, object, grid, box) >= threshold) return true;
    }
    return false;
  }
}

/** Two default boxes that lie equally well by symmetry differ by the rounding of their coordinates. */
const ROUNDING = 1e-9;

function sameGrid(a: SourceGrid, b: SourceGrid): boolean {
  return (
    a.boxesPerCell === b.boxesPerCell &&
    sameValues(a.shapes, b.shapes) &&
    sameValues(a.columns, b.columns) &&
    sameValues(a.rows, b.rows)
  );
}

const sameValues = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

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
