import type { Split } from '@core/dataset/model';

export const SPLIT_NAMES: Readonly<Record<Split | 'none', string>> = {
  train: 'Train',
  val: 'Val',
  test: 'Test',
  none: 'No split',
};

/**
 * Parts ids into train and val at random, the same for the same ids: a picture's place depends on a hash of its id, and exactly
 * `trainShare` of them, rounded, go to train; with two pictures or more neither part is empty.
 */
export function randomSplit(
  ids: readonly number[],
  trainShare: number,
): { readonly train: number[]; readonly val: number[] } {
  const shuffled = [...ids].sort((a, b) => hash(a) - hash(b));
  const wanted = Math.round(ids.length * trainShare);
  const cut = ids.length < 2 ? ids.length : Math.min(ids.length - 1, Math.max(1, wanted));
  return { train: shuffled.slice(0, cut), val: shuffled.slice(cut) };
}

/** The finalizer of MurmurHash3, 32 bits. */
function hash(n: number): number {
  let h = n | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
