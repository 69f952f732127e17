/** The options of a metric, shared by evaluate and evaluate-files, and how its numbers are printed. */
import type { Command } from 'commander';
import type { CocoSummary } from '@core/evaluation/coco';
import { METRICS, type ClassResult, type Metric, type VocMetric } from '@core/evaluation/report';
import { DEVKIT, VOC_IOU, type VocConvention } from '@core/evaluation/voc-convention';
import { table, UsageError } from '../output';

export interface MetricOptions {
  readonly metric: string;
  readonly iou?: string;
  readonly pixel?: string;
  readonly strict?: boolean;
  readonly tenths?: boolean;
  readonly countDifficult?: boolean;
}

export type MetricChoice =
  | { readonly metric: 'coco' }
  | { readonly metric: VocMetric; readonly iouThreshold: number; readonly convention: VocConvention };

export function addMetricOptions(command: Command, metric: Metric): Command {
  return command
    .option('--metric <m>', 'coco: the twelve numbers; voc: area under the curve; voc07: 11 points', metric)
    .option('--iou <f>', 'voc, voc07: overlap that finds an object; default 0.5')
    .option('--pixel <n>', 'voc, voc07: what widths and heights count more, 1 (the devkit; default) or 0')
    .option('--strict', 'voc, voc07: the overlap must be more than --iou; default: as much is enough')
    .option(
      '--tenths',
      "voc07: recalls at the exact tenths; default: numpy's, of which .3, .6 and .7 are a rounding above",
    )
    .option('--count-difficult', 'voc, voc07: difficult objects are to be found too; default: neither right nor wrong');
}

/** Throws UsageError for unknown values and for options of another metric. */
export function metricChoice(options: MetricOptions): MetricChoice {
  const metric = METRICS.find((known) => known === options.metric);
  if (metric === undefined) throw new UsageError(`--metric ${options.metric}: known are ${METRICS.join(', ')}`);
  if (metric !== 'coco') {
    return { metric, iouThreshold: threshold(options.iou), convention: conventionOf(options) };
  }
  const { iou, pixel, strict, tenths, countDifficult } = options;
  if ([iou, pixel, strict, tenths, countDifficult].some((option) => option !== undefined)) {
    throw new UsageError('--iou, --pixel, --strict, --tenths and --count-difficult belong to --metric voc and voc07');
  }
  return { metric };
}

function conventionOf({ metric, pixel = '1', strict, tenths, countDifficult }: MetricOptions): VocConvention {
  if (pixel !== '0' && pixel !== '1') throw new UsageError(`--pixel ${pixel}: 0 or 1`);
  if (tenths && metric !== 'voc07') throw new UsageError('--tenths belongs to --metric voc07');
  return {
    pixels: pixel === '1' ? 'inclusive' : 'continuous',
    atThreshold: strict ? 'missed' : DEVKIT.atThreshold,
    elevenPointThresholds: tenths ? 'exact' : DEVKIT.elevenPointThresholds,
    difficult: countDifficult ? 'counted' : DEVKIT.difficult,
  };
}

function threshold(text = String(VOC_IOU)): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) throw new UsageError(`--iou ${text}: more than 0, at most 1`);
  return value;
}

/** IoU, area range and detections of each number, as pycocotools prints them. */
const COCO_ROWS: readonly (readonly [name: keyof CocoSummary, iou: string, area: string, detections: number])[] = [
  ['AP', '0.50:0.95', 'all', 100],
  ['AP50', '0.50', 'all', 100],
  ['AP75', '0.75', 'all', 100],
  ['APsmall', '0.50:0.95', 'small', 100],
  ['APmedium', '0.50:0.95', 'medium', 100],
  ['APlarge', '0.50:0.95', 'large', 100],
  ['AR1', '0.50:0.95', 'all', 1],
  ['AR10', '0.50:0.95', 'all', 10],
  ['AR100', '0.50:0.95', 'all', 100],
  ['ARsmall', '0.50:0.95', 'small', 100],
  ['ARmedium', '0.50:0.95', 'medium', 100],
  ['ARlarge', '0.50:0.95', 'large', 100],
];

/** COCO's -1 is a dash like any number that there is not. */
const fixed = (value: number | null): string => (value === null || value < 0 ? '–' : value.toFixed(3));

interface CocoClass {
  readonly className: string;
  readonly numbers: CocoSummary;
  readonly groundTruths: number;
  readonly detections: number;
}

export function describeCoco(summary: CocoSummary, classes: readonly CocoClass[]): string {
  return [
    table(
      ['class', 'AP', 'AP50', 'AP75', 'small', 'medium', 'large', 'AR100', 'objects', 'detections'],
      classes.map(({ className, numbers: n, groundTruths, detections }) => [
        className,
        ...[n.AP, n.AP50, n.AP75, n.APsmall, n.APmedium, n.APlarge, n.AR100].map(fixed),
        groundTruths,
        detections,
      ]),
    ),
    '',
    table(
      ['metric', 'IoU', 'area', 'detections', 'value'],
      COCO_ROWS.map(([name, ...row]) => [name, ...row, fixed(summary[name])]),
    ),
  ].join('\n');
}

export function describeVoc(report: {
  readonly metric: string;
  readonly iouThreshold: number;
  readonly meanAveragePrecision: number | null;
  readonly classes: readonly Pick<ClassResult, 'className' | 'averagePrecision' | 'groundTruths' | 'detections'>[];
}): string {
  const rows = report.classes.map((c) => [c.className, fixed(c.averagePrecision), c.groundTruths, c.detections]);
  return [
    table(['class', 'AP', 'objects', 'detections'], rows),
    `mean AP ${fixed(report.meanAveragePrecision)} (${report.metric}, IoU ${report.iouThreshold})`,
  ].join('\n');
}
