/** The curves of a run as the plots take them. */
import { bestValidation } from '@core/experiment/best-validation';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { smooth } from '@core/experiment/smoothing';
import { classColour } from '../../ui/palette';
import type { PlotSeries } from '../../ui/plot';
import { smoothingWeight } from './curves';

/** More classes than this have curves of their own beside the plot, not in it. */
const CLASSES_DRAWN = 6;

export interface SmoothedPlot {
  readonly series: readonly PlotSeries[];
  /** Top of the axis: the smoothed curve decides, so that one spike does not flatten the rest. */
  readonly top: number | undefined;
  /** The smoothed curve at its end; null without records. */
  readonly latest: number | null;
}

/** Raw behind smoothed. Records without the value are passed over; raw values above the top are drawn at the edge. */
export function smoothedPlot(
  metrics: readonly MetricRecord[],
  read: (record: MetricRecord) => number | undefined,
): SmoothedPlot {
  const known = metrics.flatMap((record) => {
    const value = read(record);
    return value === undefined ? [] : [[record.step, value] as const];
  });
  const raw = known.map(([, value]) => value);
  const smoothed = smooth(raw, smoothingWeight(raw.length));
  const finite = smoothed.filter(Number.isFinite);
  const top = finite.length === 0 ? undefined : 1.1 * finite.reduce((most, value) => Math.max(most, value), 0);
  const points = (values: readonly number[]) =>
    known.map(([step], index) => [step, Math.min(values[index], top ?? Infinity)] as const);
  if (known.length === 0) return { series: [], top: undefined, latest: null };
  return {
    top: top === 0 ? undefined : top,
    latest: finite.at(-1) ?? null,
    series: [
      {
        id: 'raw',
        label: 'each record',
        colour: 'color-mix(in srgb, var(--text-muted) 45%, transparent)',
        points: points(raw),
      },
      { id: 'smoothed', label: 'smoothed', colour: 'var(--accent-text)', points: points(smoothed) },
    ],
  };
}

/** One number of every record. */
export function plainSeries(
  metrics: readonly MetricRecord[],
  label: string,
  read: (record: MetricRecord) => number,
): readonly PlotSeries[] {
  const points = metrics.map((record) => [record.step, read(record)] as const);
  return [{ id: label, label, colour: 'var(--accent-text)', points }];
}

/** The average precision of a class over the steps; NaN where val had no object of it. */
export const classPoints = (validations: readonly ValidationRecord[], className: string): PlotSeries['points'] =>
  validations.map((record) => {
    const value = record.averagePrecision.find((each) => each.className === className)?.value;
    return [record.step, value ?? NaN] as const;
  });

/** Mean average precision over the steps with its best, behind it that of each class while they are few. */
export function precisionSeries(
  validations: readonly ValidationRecord[],
  classNames: readonly string[],
): readonly PlotSeries[] {
  const best = bestValidation(validations);
  const mean: readonly PlotSeries[] = [
    {
      id: 'mean',
      label: 'mean',
      colour: 'var(--text)',
      points: validations.map((record) => [record.step, record.meanAveragePrecision] as const),
      dots: true,
    },
    ...(best === null
      ? []
      : [
          {
            id: 'best',
            label: 'best',
            colour: 'var(--good-text)',
            points: [[best.step, best.meanAveragePrecision] as const],
            dots: true,
          },
        ]),
  ];
  if (classNames.length < 2 || classNames.length > CLASSES_DRAWN) return mean;
  const classes = classNames.map((name, index): PlotSeries => ({
    id: `class ${index}`,
    label: name,
    colour: classColour(index).line,
    points: classPoints(validations, name),
    dashed: true,
  }));
  return [...classes, ...mean];
}
