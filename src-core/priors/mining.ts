/** Hard negative mining (SPEC.md 5). */
import { kthLargest } from '../geometry/select';

/**
 * Marks the background boxes of one picture whose confidence loss counts: of the negatives, the min(floor(ratio * positives),
 * negatives) with the largest cross entropy against background, equal ones by index. No positives, no negatives (Caffe).
 * @param losses -log p(background) of each default box of the picture
 * @param labels class of each default box, 0 background
 * @param selected receives 1 for positives and mined negatives, 0 elsewhere
 * @returns the number of mined negatives
 */
export function mineHardNegatives(
  losses: ArrayLike<number>,
  labels: ArrayLike<number>,
  negativesPerPositive: number,
  selected: Uint8Array,
): number {
  const negativeLosses = new Float64Array(labels.length);
  let negatives = 0;
  for (let prior = 0; prior < labels.length; prior++) {
    selected[prior] = labels[prior] > 0 ? 1 : 0;
    if (labels[prior] === 0) negativeLosses[negatives++] = losses[prior];
  }
  const wanted = Math.min(Math.floor(negativesPerPositive * (labels.length - negatives)), negatives);
  if (wanted === 0) return 0;
  const smallest = kthLargest(negativeLosses, negatives, wanted);
  let ties = wanted;
  for (let i = 0; i < negatives; i++) if (negativeLosses[i] > smallest) ties--;
  for (let prior = 0; prior < labels.length; prior++) {
    if (labels[prior] !== 0) continue;
    if (losses[prior] > smallest || (losses[prior] === smallest && ties-- > 0)) selected[prior] = 1;
  }
  return wanted;
}
