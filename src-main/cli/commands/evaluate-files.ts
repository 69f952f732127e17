/** evaluate-files: the metrics of any detector's results, as the official tools compute them. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CocoSummary } from '@core/evaluation/coco';
import { DEVKIT, type VocConvention } from '@core/evaluation/voc';
import { localFiles } from '../../files/local-files';
import {
  evaluateFilesAsCoco,
  evaluateFilesAsVoc,
  type CocoFilesReport,
  type VocFilesReport,
} from '../../services/evaluate-files';
import { table, UsageError } from '../output';
import type { RunCommand } from '../run-command';

interface EvaluateFilesOptions {
  readonly truth: string;
  readonly detections: string;
  readonly metric: string;
  readonly iou?: string;
  readonly pixel?: string;
  readonly strict?: boolean;
  readonly tenths?: boolean;
  readonly countDifficult?: boolean;
}

export function addEvaluateFilesCommand(program: Command, run: RunCommand): void {
  program
    .command('evaluate-files')
    .description("average precision of any detector's results, from files")
    .requiredOption(
      '--truth <path>',
      'COCO instances JSON, or a folder of VOC XML or of "class left top width height" .txt',
    )
    .requiredOption(
      '--detections <path>',
      'COCO results JSON, or a folder of "class score left top width height" .txt or of comp4_det_*_CLASS.txt',
    )
    .option('--metric <m>', 'coco: the twelve numbers; voc: area under the curve; voc07: 11 points', 'coco')
    .option('--iou <f>', 'voc, voc07: overlap that finds an object; default 0.5')
    .option('--pixel <n>', 'voc, voc07: what widths and heights count more, 1 (the devkit; default) or 0')
    .option('--strict', 'voc, voc07: the overlap must be more than --iou; default: as much is enough')
    .option(
      '--tenths',
      "voc07: recalls at the exact tenths; default: numpy's, of which .3, .6 and .7 are a rounding above",
    )
    .option('--count-difficult', 'voc, voc07: difficult objects are to be found too; default: neither right nor wrong')
    .action(
      run(async ({ output, interrupted }, _, options: EvaluateFilesOptions) => {
        const request = { truth: resolve(options.truth), detections: resolve(options.detections) };
        if (options.metric === 'coco') {
          refuseVocOptions(options);
          const report = await evaluateFilesAsCoco(request, localFiles, interrupted);
          report.notes.forEach((note) => output.message(note));
          output.result(report, () => describeCoco(report));
          return;
        }
        const metric = (['voc', 'voc07'] as const).find((known) => known === options.metric);
        if (metric === undefined) throw new UsageError(`--metric ${options.metric}: known are coco, voc, voc07`);
        const choice = {
          metric,
          iouThreshold: threshold(options.iou ?? '0.5'),
          convention: conventionOf(options),
        };
        const report = await evaluateFilesAsVoc(request, choice, localFiles, interrupted);
        report.notes.forEach((note) => output.message(note));
        output.result(report, () => describeVoc(report));
      }),
    );
}

function refuseVocOptions({ iou, pixel, strict, tenths, countDifficult }: EvaluateFilesOptions): void {
  if ([iou, pixel, strict, tenths, countDifficult].some((option) => option !== undefined)) {
    throw new UsageError('--iou, --pixel, --strict, --tenths and --count-difficult belong to --metric voc and voc07');
  }
}

function conventionOf({ metric, pixel = '1', strict, tenths, countDifficult }: EvaluateFilesOptions): VocConvention {
  if (pixel !== '0' && pixel !== '1') throw new UsageError(`--pixel ${pixel}: 0 or 1`);
  if (tenths && metric !== 'voc07') throw new UsageError('--tenths belongs to --metric voc07');
  return {
    pixels: pixel === '1' ? 'inclusive' : 'continuous',
    atThreshold: strict ? 'missed' : DEVKIT.atThreshold,
    elevenPointThresholds: tenths ? 'exact' : DEVKIT.elevenPointThresholds,
    difficult: countDifficult ? 'counted' : DEVKIT.difficult,
  };
}

function threshold(text: string): number {
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

const fixed = (value: number | null): string => (value === null || value < 0 ? '–' : value.toFixed(3));

function describeCoco({ summary, categories, imageCount }: CocoFilesReport): string {
  return [
    table(
      ['class', 'AP', 'AP50', 'AP75', 'AR100', 'objects', 'detections'],
      categories.map(({ className, summary: own, groundTruths, detections }) => [
        className,
        ...[own.AP, own.AP50, own.AP75, own.AR100].map(fixed),
        groundTruths,
        detections,
      ]),
    ),
    '',
    table(
      ['metric', 'IoU', 'area', 'detections', 'value'],
      COCO_ROWS.map(([name, ...row]) => [name, ...row, fixed(summary[name])]),
    ),
    `${imageCount} pictures`,
  ].join('\n');
}

function describeVoc({ metric, iouThreshold, meanAveragePrecision, classes, imageCount }: VocFilesReport): string {
  const rows = classes.map((row) => [row.className, fixed(row.averagePrecision), row.groundTruths, row.detections]);
  return [
    table(['class', 'AP', 'objects', 'detections'], rows),
    `mean AP ${fixed(meanAveragePrecision)} (${metric}, IoU ${iouThreshold}) on ${imageCount} pictures`,
  ].join('\n');
}
