/** Non-maximum suppression, greedy, per class. */
import { iouAt } from './overlap';

/**
 * Keeps a box when its IoU with every box kept before it is at most `iouThreshold` (SPEC.md 8).
 * @param boxes corner form [n, 4]
 * @param order indices into `boxes`, best first
 * @param kept receives the indices of the kept boxes, best first; as long as `order`
 * @param pixel what every width and height counts more, in the unit of the boxes: RFBNet's +1 pixel; 0 elsewhere
 * @returns how many were kept
 */
export function suppressNonMaxima(
  boxes: ArrayLike<number>,
  order: ArrayLike<number>,
  iouThreshold: number,
  kept: Int32Array,
  pixel = { width: 0, height: 0 },
): number {
  const { width, height } = pixel;
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const candidate = order[i];
    let keep = true;
    for (let j = 0; j < count && keep; j++) {
      keep = !(iouAt(boxes, candidate, boxes, kept[j], width, height) > iouThreshold);
    }
    if (keep) kept[count++] = candidate;
  }
  return count;
}

/** Indices by descending score, equal scores by ascending index, at most `limit` of them. */
export function orderByScore(indices: Int32Array, scoreOf: (index: number) => number, limit: number): Int32Array {
  let candidates = indices;
  if (indices.length > limit) {
    // Sorting numbers alone is many times faster than sorting by a function, and only those that can be taken are left.
    const ascending = Float64Array.from(indices, scoreOf).sort();
    const least = ascending[indices.length - limit];
    candidates = indices.filter((index) => scoreOf(index) >= least);
  }
  return candidates
    .slice()
    .sort((i, j) => scoreOf(j) - scoreOf(i) || i - j)
    .subarray(0, limit);
}
