/** evaluate-files: the metrics of any detector's results, as the official tools compute them. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { localFiles } from '../../files/local-files';
import { imageReader } from '../../images/image-reader';
import { evaluateFilesAsCoco, evaluateFilesAsVoc } from '../../services/evaluate-files';
import { DETECTION_FORMATS, TRUTH_FORMATS, type EvaluateFilesRequest } from '../../services/evaluation-readers';
import { oneOf } from '../output';
import type { RunCommand } from '../run-command';
import { addMetricOptions, describeCoco, describeVoc, metricChoice, type MetricOptions } from './metric-options';

interface EvaluateFilesOptions extends MetricOptions {
  readonly truth: string;
  readonly detections: string;
  readonly truthFormat?: string;
  readonly detectionsFormat?: string;
  readonly names?: string;
  readonly images?: string;
}

export function addEvaluateFilesCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('evaluate-files')
    .description("average precision of any detector's results, from files")
    .requiredOption('--truth <path>', 'ground truth: a file or a folder')
    .requiredOption('--detections <path>', 'detections: a file or a folder')
    .option(
      '--truth-format <f>',
      `${TRUTH_FORMATS.join(', ')}; default: told from the files, text as "class left top width height"`,
    )
    .option(
      '--detections-format <f>',
      `${DETECTION_FORMATS.join(', ')}; default: told from the files, text as "class score left top width height"`,
    )
    .option('--names <file>', 'a class per line, for classes that are numbered from 0')
    .option(
      '--images <folder>',
      'the pictures, for boxes in fractions of their size (yolo, openimages, text-relative)',
    );
  addMetricOptions(command, 'coco').action(
    run(async ({ output, interrupted }, _, options: EvaluateFilesOptions) => {
      const choice = metricChoice(options);
      const request = requestOf(options);
      const pictures = (count: number): string => `${count} pictures`;
      if (choice.metric === 'coco') {
        const report = await evaluateFilesAsCoco(request, localFiles, imageReader, interrupted);
        report.notes.forEach((note) => output.message(note));
        const classes = report.categories.map((category) => ({ ...category, numbers: category.summary }));
        output.result(report, () => `${describeCoco(report.summary, classes)}\n${pictures(report.imageCount)}`);
        return;
      }
      const report = await evaluateFilesAsVoc(request, choice, localFiles, imageReader, interrupted);
      report.notes.forEach((note) => output.message(note));
      output.result(report, () => `${describeVoc(report)} on ${pictures(report.imageCount)}`);
    }),
  );
}

function requestOf({
  truth,
  detections,
  truthFormat,
  detectionsFormat,
  names,
  images,
}: EvaluateFilesOptions): EvaluateFilesRequest {
  return {
    truth: resolve(truth),
    detections: resolve(detections),
    ...(truthFormat === undefined ? {} : { truthFormat: oneOf('--truth-format', truthFormat, TRUTH_FORMATS) }),
    ...(detectionsFormat === undefined
      ? {}
      : { detectionsFormat: oneOf('--detections-format', detectionsFormat, DETECTION_FORMATS) }),
    ...(names === undefined ? {} : { names: resolve(names) }),
    ...(images === undefined ? {} : { images: resolve(images) }),
  };
}
