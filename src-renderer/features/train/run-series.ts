/** The curves of a run as the plots take them. */
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { classColour } from '../../ui/palette';
import type { PlotSeries } from '../../ui/plot';
import { smooth, smoothingWeight } from './curves';

type LossKey = 'confidenceLoss' | 'localisationLoss';

export interface LossPlot {
  readonly series: readonly PlotSeries[];
  /** Top of the axis: the smoothed curve decides, so that one spike does not flatten the rest. */
  readonly top: number | undefined;
}

/** Raw and smoothed. Raw values above the top of the axis are drawn at its edge. */
export function lossPlot(metrics: readonly MetricRecord[], key: LossKey): LossPlot {
  const raw = metrics.map((record) => record[key]);
  const smoothed = smooth(raw, smoothingWeight(raw.length));
  const finite = smoothed.filter(Number.isFinite);
  const top = finite.length === 0 ? undefined : 1.1 * finite.reduce((most, value) => Math.max(most, value), 0);
  const points = (values: readonly number[]) =>
    metrics.map((record, index) => [record.step, Math.min(values[index], top ?? Infinity)] as const);
  return {
    top: top === 0 ? undefined : top,
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

export function speedSeries(metrics: readonly MetricRecord[]): readonly PlotSeries[] {
  return [
    {
      id: 'speed',
      label: 'images per second',
      colour: 'var(--accent-text)',
      points: metrics.map((record) => [record.step, record.imagesPerSecond] as const),
    },
  ];
}

/** Mean average precision and that of each class over the steps. */
export function precisionSeries(
  validations: readonly ValidationRecord[],
  classNames: readonly string[],
): readonly PlotSeries[] {
  const mean: PlotSeries = {
    id: 'mean',
    label: 'mean',
    colour: 'var(--text)',
    points: validations.map((record) => [record.step, record.meanAveragePrecision] as const),
    dots: true,
  };
  if (classNames.length < 2) return [mean];
  const classes = classNames.map((name, index): PlotSeries => {
    const value = (record: ValidationRecord) =>
      record.averagePrecision.find((each) => each.className === name)?.value ?? NaN;
    return {
      id: `class ${index}`,
      label: name,
      colour: classColour(index).line,
      points: validations.map((record) => [record.step, value(record)] as const),
      dashed: true,
    };
  });
  return [...classes, mean];
}
