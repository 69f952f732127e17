/** Several runs in one plot: their curves over steps or time, and what each was at a place of the axis. */
import { bestValidation } from '@core/experiment/best-validation';
import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import { smooth } from '@core/experiment/smoothing';
import { classColour } from '../../ui/palette';
import { nearest, type PlotSeries } from '../../ui/plot';
import { smoothingWeight } from './curves';

export type Axis = 'step' | 'time';
export type Loss = 'confidenceLoss' | 'localisationLoss';

export interface ComparedRun {
  readonly run: RunSummary;
  readonly metrics: readonly MetricRecord[];
  readonly validations: readonly ValidationRecord[];
}

/** Solid first; after the last the patterns begin again with other colours. */
const DASHES = ['', '7 4', '2 3', '9 3 2 3'];

/** Colour and dashes of the run at this position among those compared. */
export const runLine = (position: number): { readonly colour: string; readonly dash: string | undefined } => ({
  colour: classColour(position).line,
  dash: DASHES[position % DASHES.length] || undefined,
});

/** Smoothed as in the view of one run. Time is seconds of training, pauses left out. */
export const lossCurve = ({ metrics }: ComparedRun, loss: Loss, axis: Axis): PlotSeries['points'] => {
  const smoothed = smooth(
    metrics.map((record) => record[loss]),
    smoothingWeight(metrics.length),
  );
  return metrics.map((record, at) => [axis === 'step' ? record.step : record.seconds, smoothed[at]] as const);
};

export const precisionCurve = ({ metrics, validations }: ComparedRun, axis: Axis): PlotSeries['points'] =>
  validations.map(({ step, meanAveragePrecision }) => [
    axis === 'step' ? step : secondsAt(metrics, step),
    meanAveragePrecision,
  ]);

/** Validations have no time of their own: that of the record nearest to their step. NaN without records. */
export function secondsAt(metrics: readonly MetricRecord[], step: number): number {
  const at = nearest(
    metrics.map((record) => [record.step, record.seconds] as const),
    step,
  );
  return metrics[at]?.seconds ?? NaN;
}

export function comparedSeries(
  runs: readonly ComparedRun[],
  curve: (run: ComparedRun) => PlotSeries['points'],
  dots = false,
): readonly PlotSeries[] {
  return runs.map((each, position) => ({
    id: String(each.run.id),
    label: each.run.name,
    points: curve(each),
    dots,
    ...runLine(position),
  }));
}

/** The value of a curve at a place of the axis: that of the nearest point; at its end without a place. Null beyond its ends. */
export function valueAt(points: PlotSeries['points'], place: number | null): number | null {
  const last = points.at(-1);
  if (!last) return null;
  if (place === null) return last[1];
  if (place > last[0]) return null;
  return points[nearest(points, place)]?.[1] ?? null;
}

export const bestOf = ({ validations }: ComparedRun): ValidationRecord | null => bestValidation(validations);
