/** What the plots of a run show beside its raw records. */
import type { MetricRecord } from '@core/experiment/run';

/**
 * Exponentially weighted mean of a curve, corrected for its start (Adam's bias correction), so that the first values are not
 * pulled to zero. `weight` is that of the past, in [0, 1).
 */
export function smooth(values: readonly number[], weight: number): readonly number[] {
  let mean = 0;
  let mass = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = weight * mean + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return mean / mass;
  });
}

/** The weight that makes the mean reach over about a fortieth of the records, and over at least three. */
export function smoothingWeight(records: number): number {
  return 1 - 1 / Math.max(3, records / 40);
}

/** Mean positives per picture of each source, over the last `records` records; empty without any. */
export function recentPositives(metrics: readonly MetricRecord[], records = 20): readonly number[] {
  const recent = metrics.slice(-records).filter((record) => record.positivesPerSource.length > 0);
  if (recent.length === 0) return [];
  return recent[recent.length - 1].positivesPerSource.map(
    (_, source) => recent.reduce((sum, record) => sum + (record.positivesPerSource[source] ?? 0), 0) / recent.length,
  );
}
