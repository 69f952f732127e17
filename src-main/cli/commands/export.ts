/** export: a run or a model file as a model that runs elsewhere, reopened by a reader and compared. */
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { EXPORT_FORMATS, type ExportReport } from '@core/contract/exports';
import { StudioFailure } from '@core/contract/failure';
import { WRITTEN_LAYOUTS } from '@core/weights/export-names';
import { runComputeJob } from '../../services/compute-jobs';
import type { ExportJob } from '../../services/ports';
import { createLauncher } from '../session';
import { describeExport } from '../describe-export';
import { oneOf, type Output, UsageError } from '../output';
import type { RunCommand } from '../run-command';
import { wholeNumber } from './project';

export function addExportCommand(program: Command, run: RunCommand): void {
  program
    .command('export <from>')
    .description(
      '<from>: a project, with --run, or a .safetensors model of ours; the written file is reopened and compared',
    )
    .option('--run <r>', 'number of the run', wholeNumber('--run'))
    .requiredOption('--out <path>', 'file to write; for tfjs a folder')
    .option('--format <f>', EXPORT_FORMATS.join(' | '), 'onnx')
    .option(
      '--names <l>',
      `parameter names of a pytorch file: ${WRITTEN_LAYOUTS.join(' | ')} (default: the natural ones)`,
    )
    .option('--picture <path>', 'what graphs of a model file are compared on (default: a drawn pattern)')
    .action(
      run(async ({ studio, output, interrupted }, [from], options) => {
        const format = oneOf('--format', options.format, EXPORT_FORMATS);
        const names = options.names === undefined ? undefined : oneOf('--names', options.names, WRITTEN_LAYOUTS);
        if (names !== undefined && format !== 'pytorch') throw new UsageError('--names goes with --format pytorch');
        const target = { format, path: resolve(options.out) };
        let report: ExportReport;
        if (extname(from) === '.safetensors') {
          const verifyWith = options.picture === undefined ? null : resolve(options.picture);
          report = await exportModelFile(
            { modelFile: resolve(from) },
            { ...target, names: names ?? null, verifyWith },
            output,
            interrupted,
          );
        } else {
          if (options.run === undefined) throw new UsageError('--run <r> says which run of the project');
          await studio.call('projects.open', { directory: resolve(from) });
          report = await studio.call('export.run', { ...target, names, runId: options.run, operationId: 'export' });
        }
        output.result(report, () => describeExport(report));
        requirePassed(report);
      }),
    );
}

/** In a compute process of its own, as for a run. */
async function exportModelFile(
  detector: ExportJob['detector'],
  target: Pick<ExportJob, 'format' | 'names' | 'path' | 'verifyWith'>,
  output: Output,
  interrupted: AbortSignal,
): Promise<ExportReport> {
  const job: ExportJob = { kind: 'export', detector, runName: '', ...target };
  const { report } = await runComputeJob(createLauncher(), job, interrupted, (message) => {
    if (message.kind === 'progress') output.progress(message.label, message.done, message.total);
  });
  return report;
}

function requirePassed({ path, verification }: ExportReport): void {
  if (verification.passed) return;
  throw new StudioFailure(
    'internal',
    `${path} does not hold what the run computes.`,
    'Do not use it; please report this with the differences above.',
  );
}
