/** The objects that default boxes are fitted to, and how well a set of grids does for them. */
import { clamp } from '../geometry/convert';
import { Random } from '../random/random';
import type { SourceGrid } from './generate';
import { raiseOverlaps } from './grid-overlap';
import { hasArea, objectTable, type CoverageObjects, type ObjectTable } from './object-table';

export interface FitObjects extends CoverageObjects {
  readonly classId?: ArrayLike<number>;
}

/** What a search maximises: a mean over the objects of iou * best IoU + recall * [best IoU >= threshold]. */
export interface FitWeights {
  readonly recall: number;
  readonly iou: number;
}

/** An object without a fitting default box costs more than many objects with a slightly worse one. */
export const FIT_WEIGHTS: FitWeights = { recall: 4, iou: 1 };

export interface WeightedTable {
  readonly table: ObjectTable;
  /** Sums to 1. */
  readonly weight: Float64Array;
}

/** @param perClass each class weighs as much as every other, as in mean average precision; otherwise each object does */
export function weightedTable(objects: FitObjects, perClass: boolean): WeightedTable {
  const count = objects.x1.length;
  const inClass = new Map<number, number>();
  const classOf = (i: number): number => (perClass ? (objects.classId?.[i] ?? 0) : 0);
  for (let i = 0; i < count; i++) inClass.set(classOf(i), (inClass.get(classOf(i)) ?? 0) + 1);
  const weight = Float64Array.from({ length: count }, (_, i) => 1 / (inClass.get(classOf(i)) ?? 1) / inClass.size);
  return { table: objectTable(objects), weight };
}

/** The score of best IoUs, as `FitWeights` says. */
export function scoreOf(
  best: Float64Array,
  weight: Float64Array,
  threshold: number,
  { recall, iou }: FitWeights,
): number {
  let score = 0;
  for (let i = 0; i < best.length; i++) score += weight[i] * (iou * best[i] + (best[i] >= threshold ? recall : 0));
  return score;
}

export function bestOverlaps(table: ObjectTable, grids: readonly SourceGrid[]): Float64Array {
  const best = new Float64Array(table.count);
  for (const grid of grids) raiseOverlaps(table, grid, best);
  return best;
}

/** How many of the best IoUs are at least the threshold. */
export const countReached = (best: Float64Array, threshold: number): number =>
  best.reduce((sum, iou) => (iou >= threshold ? sum + 1 : sum), 0);

export function withArea(objects: FitObjects): FitObjects {
  const kept = Array.from({ length: objects.x1.length }, (_, i) => i).filter((i) => hasArea(objects, i));
  return pickObjects(objects, kept);
}

/** At most so many of the objects, drawn from a seed; their order stays. */
export function sampleObjects(objects: FitObjects, most: number, seed: number): FitObjects {
  const indices = Array.from({ length: objects.x1.length }, (_, i) => i);
  if (indices.length <= most) return objects;
  Random.seeded(seed).shuffle(indices);
  return pickObjects(
    objects,
    indices.slice(0, most).sort((a, b) => a - b),
  );
}

/** How far copies lie from their object, as a share of the picture along each axis, at most; and the deviation of the log of their sides. */
const COPY_SHIFT = 0.15;
const COPY_SPREAD = 0.15;

/**
 * Few objects, and beside each of them copies a little elsewhere and of slightly other sides, up to `most` in all. A search that
 * counts who reaches a threshold learns the places of a few objects by heart; their copies stand for those of pictures to come.
 * The objects themselves come first. Where there are more than half of `most` they come back as they are.
 * @param objects unit coordinates, with area
 */
export function withCopies(objects: FitObjects, most: number, seed: number): FitObjects {
  const count = objects.x1.length;
  const times = Math.floor(most / Math.max(1, count));
  if (count === 0 || times <= 1) return objects;
  const random = Random.seeded(seed, count);
  const many = pickObjects(
    objects,
    Array.from({ length: count * times }, (_, i) => i % count),
  );
  for (let i = count; i < many.x1.length; i++) {
    move(many.x1, many.x2, i);
    move(many.y1, many.y2, i);
  }
  return many;

  function move(low: Float64Array, high: Float64Array, i: number): void {
    const length = Math.min(1, (high[i] - low[i]) * Math.exp(COPY_SPREAD * random.normal()));
    const center = (low[i] + high[i]) / 2 + random.uniform(-COPY_SHIFT, COPY_SHIFT);
    low[i] = clamp(center - length / 2, 0, 1 - length);
    high[i] = low[i] + length;
  }
}

/** Objects in columns of their own. */
type PickedObjects = Record<keyof CoverageObjects, Float64Array> & { readonly classId?: Float64Array };

export function pickObjects(objects: FitObjects, chosen: readonly number[]): PickedObjects {
  const column = (values: ArrayLike<number>): Float64Array => Float64Array.from(chosen, (i) => values[i]);
  return {
    imageId: column(objects.imageId),
    ...(objects.classId && { classId: column(objects.classId) }),
    x1: column(objects.x1),
    y1: column(objects.y1),
    x2: column(objects.x2),
    y2: column(objects.y2),
  };
}

/** The objects of some pictures. */
export function objectsOfPictures(objects: FitObjects, imageIds: readonly number[]): FitObjects {
  const wanted = new Set(imageIds);
  return pickObjects(
    objects,
    Array.from({ length: objects.x1.length }, (_, i) => i).filter((i) => wanted.has(objects.imageId[i])),
  );
}
