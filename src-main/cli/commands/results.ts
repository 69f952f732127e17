/** evaluate, engines, runs: what a run has become. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SPLITS, type Split } from '@core/dataset/model';
import type { EvaluationReport, VocMetric } from '@core/evaluation/report';
import { oneOf, table } from '../output';
import type { RunCommand } from '../run-command';
import { wholeNumber } from './project';

const OPERATION = 'command-line';

export function addResultCommands(program: Command, run: RunCommand): void {
  program
    .command('runs <dir>')
    .description('the training runs of a project')
    .action(
      run(async ({ studio, output }, [dir]) => {
        await studio.call('projects.open', { directory: resolve(dir) });
        const runs = await studio.call('runs.list');
        output.result(runs, () =>
          table(
            ['run', 'model', 'state', 'step', 'mean AP'],
            runs.map((r) => [
              r.id,
              r.configuration.network.architecture,
              r.state,
              r.step,
              r.meanAveragePrecision?.toFixed(3) ?? '–',
            ]),
          ),
        );
      }),
    );

  program
    .command('evaluate <dir>')
    .description('average precision of a run at IoU 0.5')
    .requiredOption('--run <r>', 'number of the run', wholeNumber('--run'))
    .option('--split <s>', SPLITS.join(' | '), 'val')
    .option('--metric <m>', 'voc: area under the curve; voc07: 11 points', 'voc')
    .action(
      run(async ({ studio, output }, [dir], options) => {
        const split = oneOf<Split>('--split', options.split, SPLITS);
        const metric = oneOf<VocMetric>('--metric', options.metric, ['voc', 'voc07']);
        await studio.call('projects.open', { directory: resolve(dir) });
        const request = { runId: options.run, split, metric, operationId: OPERATION };
        const report = await studio.call('evaluation.run', request);
        output.result(report, () => describeReport(report));
      }),
    );

  program
    .command('engines')
    .description('what this machine can train on')
    .action(
      run(async ({ studio, output }) => {
        const engines = await studio.call('engines.list');
        output.result(engines, () =>
          engines
            .map(
              (e) =>
                `${e.chosen ? '*' : ' '} ${e.id.padEnd(11)} ${e.ready ? 'ready  ' : 'missing'}  ${e.detail}${e.help ? `\n    ${e.help}` : ''}`,
            )
            .join('\n'),
        );
      }),
    );
}

export function describeReport(report: EvaluationReport): string {
  const number = (v: number | null): string => (v === null ? '–' : v.toFixed(3));
  const rows = report.classes.map((c) => [c.className, number(c.averagePrecision), c.groundTruths, c.detections]);
  return [
    table(['class', 'AP', 'objects', 'detections'], rows),
    `mean AP ${number(report.meanAveragePrecision)} (${report.metric}, IoU ${report.iouThreshold}) on ${report.imageCount} pictures of ` +
      `${report.split}, step ${report.step}, ${report.imagesPerSecond.toFixed(1)} images/s`,
  ].join('\n');
}
