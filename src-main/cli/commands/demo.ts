/** demo: sample project, short training, evaluation, export and a report page, without a window. */
import { mkdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { OPEN_ENDED_STEPS } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { StudioFailure } from '@core/contract/failure';
import { writeReport } from '../report';
import type { RunCommand } from '../run-command';
import { realNumber, wholeNumber } from './project';
import { describeReport } from './results';
import { followRun } from './train';

export function addDemoCommand(program: Command, run: RunCommand): void {
  program
    .command('demo [dir]')
    .description('the whole way on pictures drawn here: project, training, evaluation, export, a report page')
    .option('--minutes <t>', 'of training', realNumber('--minutes'), 4)
    .option('--images <n>', 'pictures of the sample', wholeNumber('--images'), 240)
    .option('--force', 'remove an earlier demo in <dir> first', false)
    .action(
      run(async ({ studio, output, interrupted }, [dir], { minutes, images, force }) => {
        const directory = resolve(dir ?? join('out', 'demo'));
        const project = join(directory, 'project');
        if (existsSync(project)) {
          if (dir !== undefined && !force) {
            throw new StudioFailure('already-exists', `${project} exists.`, 'Choose another folder or give --force.');
          }
          await rm(project, { recursive: true });
        }
        await mkdir(directory, { recursive: true });

        output.message(`Drawing ${images} pictures of parts on a belt into ${project}`);
        await studio.call('projects.createSample', { directory: project, images, operationId: 'demo' });

        const network = defaultChoice('rfb320');
        const suggested = await studio.call('training.suggest', { network });
        const configuration = { ...suggested, minutes, steps: OPEN_ENDED_STEPS };
        output.message(`Training RFB-320 for ${minutes} minutes`);
        const { id: runId } = await studio.call('training.start', { configuration });
        const summary = await followRun(studio, output, interrupted, runId, async () => {});

        output.message('Evaluating on the validation pictures');
        const request = { runId, split: 'val', metric: 'voc', operationId: 'demo' } as const;
        const evaluation = await studio.call('evaluation.run', request);

        const path = join(directory, 'detector.onnx');
        output.message(`Exporting ${path}`);
        const exported = await studio.call('export.run', { runId, format: 'onnx', path, operationId: 'demo' });

        const page = join(directory, 'report.html');
        const { metrics, validations } = await studio.call('runs.metrics', { runId, afterStep: -1 });
        await writeReport(page, { studio, summary, evaluation, exported, metrics, validations });
        const value = {
          report: page,
          project,
          runId,
          meanAveragePrecision: evaluation.meanAveragePrecision,
          export: exported,
        };
        output.result(value, () => `${describeReport(evaluation)}\nReport: ${page}`);
      }),
    );
}
