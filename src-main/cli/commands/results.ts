/** evaluate: what a run has become. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SPLITS, type Split } from '@core/dataset/model';
import type { EvaluationReport } from '@core/evaluation/report';
import { oneOf } from '../output';
import type { RunCommand } from '../run-command';
import { addMetricOptions, describeCoco, describeVoc, metricChoice } from './metric-options';
import { wholeNumber } from './project';

const OPERATION = 'command-line';

export function addResultCommands(program: Command, run: RunCommand): void {
  const evaluate = program
    .command('evaluate <dir>')
    .description('average precision of a run on a split')
    .requiredOption('--run <r>', 'number of the run', wholeNumber('--run'))
    .option('--split <s>', SPLITS.join(' | '), 'val');
  addMetricOptions(evaluate, 'voc').action(
    run(async ({ studio, output }, [dir], options) => {
      const split = oneOf<Split>('--split', options.split, SPLITS);
      const choice = metricChoice(options);
      await studio.call('projects.open', { directory: resolve(dir) });
      const report = await studio.call('evaluation.run', {
        runId: options.run,
        split,
        ...choice,
        operationId: OPERATION,
      });
      output.result(report, () => describeReport(report));
    }),
  );
}

export function describeReport(report: EvaluationReport): string {
  const { coco, classes, imageCount, split, step, imagesPerSecond } = report;
  const place = `${imageCount} pictures of ${split}, step ${step}, ${imagesPerSecond.toFixed(1)} images/s`;
  if (coco === undefined) return `${describeVoc(report)} on ${place}`;
  const ofClasses = classes.flatMap(({ coco: numbers, ...own }) =>
    numbers === undefined ? [] : [{ ...own, numbers }],
  );
  return `${describeCoco(coco, ofClasses)}\n${place}`;
}
