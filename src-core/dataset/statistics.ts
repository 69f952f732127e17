/** Numbers that describe a data set. */

/**
 * The q-quantile of values sorted ascending, linear between the two neighbours (numpy's default, Hyndman and Fan's type 7).
 * NaN for an empty list.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

export interface ScaleQuantiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** 5 %, 50 % and 95 % quantiles of object scales, sqrt(box area / picture area); null without objects. Sorts in place. */
export function scaleQuantiles(scales: Float64Array): ScaleQuantiles | null {
  if (scales.length === 0) return null;
  scales.sort();
  return { low: quantile(scales, 0.05), median: quantile(scales, 0.5), high: quantile(scales, 0.95) };
}
