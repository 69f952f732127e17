/** Non-maximum suppression, greedy, per class. */
import { kthLargest } from './select';

/** Kept boxes side by side, x1, y1, x2, y2 and area of each; grows, and holds nothing between calls. */
let keptBoxes = new Float64Array(5 * 400);

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
  if (keptBoxes.length < 5 * order.length) keptBoxes = new Float64Array(5 * order.length);
  const others = keptBoxes;
  const { width: extraWidth, height: extraHeight } = pixel;
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const at = order[i] * 4;
    const x1 = boxes[at];
    const y1 = boxes[at + 1];
    const x2 = boxes[at + 2];
    const y2 = boxes[at + 3];
    const area = (x2 - x1 + extraWidth) * (y2 - y1 + extraHeight);
    const end = 5 * count;
    let j = 0;
    for (; j < end; j += 5) {
      // Comparisons, because Math.min and Math.max take twice as long; boxes with NaN suppress nothing.
      const right = x2 < others[j + 2] ? x2 : others[j + 2];
      const left = x1 > others[j] ? x1 : others[j];
      const width = right - left + extraWidth;
      if (!(width > 0)) continue;
      const bottom = y2 < others[j + 3] ? y2 : others[j + 3];
      const top = y1 > others[j + 1] ? y1 : others[j + 1];
      const height = bottom - top + extraHeight;
      if (!(height > 0)) continue;
      const intersection = width * height;
      if (intersection / (area + others[j + 4] - intersection) > iouThreshold) break;
    }
    if (j < end) continue;
    others[end] = x1;
    others[end + 1] = y1;
    others[end + 2] = x2;
    others[end + 3] = y2;
    others[end + 4] = area;
    kept[count++] = order[i];
  }
  return count;
}

/**
 * Indices by descending score, equal scores by ascending index, at most `limit` of them.
 * @param scores of each entry of `indices`
 */
export function orderByScore(indices: Int32Array, scores: Float32Array | Float64Array, limit: number): Int32Array {
  const order = positionsOfLargest(scores, limit).sort((i, j) => scores[j] - scores[i] || indices[i] - indices[j]);
  return order.subarray(0, limit).map((position) => indices[position]);
}

/** Where the `limit` largest scores are, ascending; more than `limit` where scores are equal. */
function positionsOfLargest(scores: Float32Array | Float64Array, limit: number): Int32Array {
  if (limit < 1) return new Int32Array(0);
  const positions = new Int32Array(scores.length);
  const least = limit < scores.length ? kthLargest(new Float64Array(scores), scores.length, limit) : -Infinity;
  let count = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i] >= least) positions[count++] = i;
  return positions.subarray(0, count);
}
