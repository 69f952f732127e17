/** What the plots of a run show beside its raw records. */
import type { MetricRecord } from '@core/experiment/run';

/** The weight that makes the mean reach over about a fortieth of the records, and over at least three. */
export function smoothingWeight(records: number): number {
  return 1 - 1 / Math.max(3, records / 40);
}

/** Records over which "recent" means are taken. */
const RECENT = 20;

export type PerSource = 'positivesPerSource' | 'confidenceLossPerSource' | 'localisationLossPerSource';

/** Mean of a number of each source over the last `records` records that have it; empty without any. */
export function recentPerSource(metrics: readonly MetricRecord[], key: PerSource, records = RECENT): readonly number[] {
  const recent = metrics.slice(-records).flatMap((record) => (record[key]?.length ? [record[key]] : []));
  const last = recent.at(-1) ?? [];
  return last.map((_, source) => recent.reduce((sum, values) => sum + (values[source] ?? 0), 0) / recent.length);
}

/** A feature map over the last records, and its positives over the whole run. */
export interface MapLine {
  readonly name: string;
  /** Per picture. */
  readonly positives: number;
  /** Null where the log has none. */
  readonly confidenceLoss: number | null;
  readonly localisationLoss: number | null;
  readonly history: readonly (readonly [step: number, positives: number])[];
}

/** One line for each source by its name; empty before the first record. */
export function mapLines(metrics: readonly MetricRecord[], names: readonly string[]): readonly MapLine[] {
  const confidence = recentPerSource(metrics, 'confidenceLossPerSource');
  const localisation = recentPerSource(metrics, 'localisationLossPerSource');
  return recentPerSource(metrics, 'positivesPerSource').map((positives, source) => ({
    name: names[source] ?? `map ${source + 1}`,
    positives,
    confidenceLoss: confidence[source] ?? null,
    localisationLoss: localisation[source] ?? null,
    history: metrics.map((record) => [record.step, record.positivesPerSource[source] ?? NaN] as const),
  }));
}
