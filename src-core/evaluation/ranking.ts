/** Stable orders of long columns, in linear time and without an object per entry. */

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** The numbers 0 to n - 1. */
export function identityOrder(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/**
 * The same indices by descending score; equal scores keep their order (numpy's argsort of -scores with kind='mergesort').
 * Radix sort over the bits of the doubles, from the lowest 16 to the highest; NaN is not a score.
 */
export function rankByScore(order: Int32Array, scores: Float64Array): Int32Array {
  const keys = descendingKeys(scores);
  const counts = new Int32Array(DIGITS);
  let from = order.slice();
  let to = new Int32Array(order.length);
  for (let digit = 0; digit < 4; digit++) {
    const word = digit >> 1;
    const shift = (digit & 1) * DIGIT_BITS;
    counts.fill(0);
    for (const index of from) counts[(keys[2 * index + word] >>> shift) & (DIGITS - 1)]++;
    let start = 0;
    for (let d = 0; d < DIGITS; d++) {
      const count = counts[d];
      counts[d] = start;
      start += count;
    }
    for (const index of from) to[counts[(keys[2 * index + word] >>> shift) & (DIGITS - 1)]++] = index;
    [from, to] = [to, from];
  }
  return from;
}

/** Low and high word per score [n, 2] whose order as unsigned integers is that of the negated scores. */
function descendingKeys(scores: Float64Array): Uint32Array {
  // Adding zero makes -0 into 0: the two are equal scores.
  const negated = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i++) negated[i] = -scores[i] + 0;
  const words = new Uint32Array(negated.buffer);
  const [low, high] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];
  const keys = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i += 2) {
    const isNegative = words[i + high] >>> 31 === 1;
    keys[i] = isNegative ? ~words[i + low] : words[i + low];
    keys[i + 1] = isNegative ? ~words[i + high] : words[i + high] ^ 0x80000000;
  }
  return keys;
}

export interface Groups {
  /** Group after group; inside each in the order that was given. */
  readonly order: Int32Array;
  /** Group g is order[starts[g]] to before order[starts[g + 1]]. */
  readonly starts: Int32Array;
}

/** @param groupOf group per index, 0 to `groups` - 1 */
export function groupStably(order: Int32Array, groupOf: Int32Array, groups: number): Groups {
  const starts = new Int32Array(groups + 1);
  for (const index of order) starts[groupOf[index] + 1]++;
  for (let g = 0; g < groups; g++) starts[g + 1] += starts[g];
  const next = starts.slice(0, groups);
  const grouped = new Int32Array(order.length);
  for (const index of order) grouped[next[groupOf[index]]++] = index;
  return { order: grouped, starts };
}
