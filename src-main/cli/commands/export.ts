/** export: a run as a model file, reopened by another reader and compared. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EXPORT_FORMATS, type ExportReport } from '@core/contract/exports';
import { StudioFailure } from '@core/contract/failure';
import { describeExport } from '../describe-export';
import { oneOf } from '../output';
import type { RunCommand } from '../run-command';
import { wholeNumber } from './project';

export function addExportCommand(program: Command, run: RunCommand): void {
  program
    .command('export <dir>')
    .description('write a run as a model, reopen it in another runtime and report the largest difference')
    .requiredOption('--run <r>', 'number of the run', wholeNumber('--run'))
    .requiredOption('--out <path>', 'file to write; for tfjs a folder')
    .option('--format <f>', EXPORT_FORMATS.join(' | '), 'onnx')
    .action(
      run(async ({ studio, output }, [dir], options) => {
        const format = oneOf('--format', options.format, EXPORT_FORMATS);
        await studio.call('projects.open', { directory: resolve(dir) });
        const path = resolve(options.out);
        const report = await studio.call('export.run', { runId: options.run, format, path, operationId: 'export' });
        output.result(report, () => describeExport(report));
        requirePassed(report);
      }),
    );
}

function requirePassed({ path, verification }: ExportReport): void {
  if (verification.passed) return;
  throw new StudioFailure(
    'internal',
    `${path} does not compute what the run computes.`,
    'Do not use it; please report this with the differences above.',
  );
}
