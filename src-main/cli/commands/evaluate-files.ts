/** evaluate-files: the metrics of any detector's results, as the official tools compute them. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { localFiles } from '../../files/local-files';
import { evaluateFilesAsCoco, evaluateFilesAsVoc } from '../../services/evaluate-files';
import type { RunCommand } from '../run-command';
import { addMetricOptions, describeCoco, describeVoc, metricChoice, type MetricOptions } from './metric-options';

interface EvaluateFilesOptions extends MetricOptions {
  readonly truth: string;
  readonly detections: string;
}

export function addEvaluateFilesCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('evaluate-files')
    .description("average precision of any detector's results, from files")
    .requiredOption(
      '--truth <path>',
      'COCO instances JSON, or a folder of VOC XML or of "class left top width height" .txt',
    )
    .requiredOption(
      '--detections <path>',
      'COCO results JSON, or a folder of "class score left top width height" .txt or of comp4_det_*_CLASS.txt',
    );
  addMetricOptions(command, 'coco').action(
    run(async ({ output, interrupted }, _, options: EvaluateFilesOptions) => {
      const choice = metricChoice(options);
      const request = { truth: resolve(options.truth), detections: resolve(options.detections) };
      const pictures = (count: number): string => `${count} pictures`;
      if (choice.metric === 'coco') {
        const report = await evaluateFilesAsCoco(request, localFiles, interrupted);
        report.notes.forEach((note) => output.message(note));
        const classes = report.categories.map((category) => ({ ...category, numbers: category.summary }));
        output.result(report, () => `${describeCoco(report.summary, classes)}\n${pictures(report.imageCount)}`);
        return;
      }
      const report = await evaluateFilesAsVoc(request, choice, localFiles, interrupted);
      report.notes.forEach((note) => output.message(note));
      output.result(report, () => `${describeVoc(report)} on ${pictures(report.imageCount)}`);
    }),
  );
}
