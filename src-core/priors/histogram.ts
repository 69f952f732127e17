/** Histograms of object sizes and aspect ratios, which people compare by factors: bins of equal width in the logarithm. */

export interface Histogram {
  /** Ends of the bins, ascending, one more than there are bins; empty without values. */
  readonly edges: readonly number[];
  /** Values from each edge to below the next. */
  readonly counts: readonly number[];
}

/** A default box of a cell, in pixels of the network input; its scale is sqrt(width * height). */
export interface BoxMark {
  readonly source: number;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly ratio: number;
}

/** Bins in a doubling. */
const PER_DOUBLING = 4;
/** A bin for each quarter of a doubling from the smallest to the largest would be many for absurd values. */
const MOST_BINS = 80;

/** Edges are powers of 2^(1/4), so that two histograms can be laid over each other. Values of 0 and below are left out. */
export function logHistogram(values: ArrayLike<number>): Histogram {
  let low = Infinity;
  let high = -Infinity;
  const binOf = (value: number): number => Math.floor(Math.log2(value) * PER_DOUBLING + 1e-9);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > 0)) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (high < low) return { edges: [], counts: [] };
  const first = binOf(low);
  const bins = Math.min(MOST_BINS, binOf(high) - first + 1);
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    if (values[i] > 0) counts[Math.min(bins - 1, binOf(values[i]) - first)]++;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => 2 ** ((first + i) / PER_DOUBLING)), counts };
}
