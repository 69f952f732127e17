/** runs: the trainings of a project, one of them with its records, and where two of them were configured differently. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { configurationDifferences } from '@core/experiment/differences';
import type { RunSummary } from '@core/experiment/run';
import { UsageError, table } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { describeSuspects, judgeSuspects } from '../suspects-report';
import { describeCurves } from '../train-progress';
import { wholeNumber } from './project';

interface RunsOptions {
  readonly run?: number;
  readonly previews?: boolean;
  readonly compare?: readonly number[];
  readonly suspects?: boolean;
  readonly hide?: readonly number[];
  readonly restore?: readonly number[];
  readonly accept?: readonly number[];
}

export function addRunsCommand(program: Command, run: RunCommand): void {
  program
    .command('runs <dir>')
    .description('the training runs of a project; one with its records; what two were configured differently')
    .option('--run <r>', 'the records of this run: losses and positives of each feature map, AP', wholeNumber('--run'))
    .option('--previews', 'with --run and --json: what each validation found on its preview pictures, too')
    .option('--suspects', 'with --run: places of training pictures that may lack a label, the likeliest first')
    .option('--accept <n...>', 'with --suspects: label these as what they were taken for', numbers('--accept'))
    .option('--hide <n...>', 'with --suspects: these are no objects, and not listed again', numbers('--hide'))
    .option('--restore <n...>', 'with --suspects: list these again', numbers('--restore'))
    .option('--compare <runs...>', 'what differs between the settings of two runs', numbers('--compare'))
    .action(
      run(async ({ studio, output }, [dir], options: RunsOptions) => {
        const { run: runId, compare, previews = false } = options;
        if (runId !== undefined && compare !== undefined)
          throw new UsageError('--run and --compare exclude each other');
        if (compare !== undefined && compare.length !== 2) throw new UsageError('--compare takes two runs');
        if (previews && runId === undefined) throw new UsageError('--previews belongs to --run');
        if (options.suspects && runId === undefined) throw new UsageError('--suspects belongs to --run');
        await studio.call('projects.open', { directory: resolve(dir) });
        if (runId !== undefined && options.suspects) {
          const list = await judgeSuspects(studio, runId, options);
          output.result(list, () => describeSuspects(list));
        } else if (runId !== undefined) {
          const one = await readRun(studio, runId, previews);
          output.result(one, () => `${describe([one])}\n\n${describeCurves(one, one.metrics, one.validations)}`);
        } else if (compare !== undefined) {
          const [a, b] = await Promise.all(compare.map((id) => studio.call('runs.get', { runId: id })));
          const differences = configurationDifferences(a.configuration, b.configuration);
          output.result(differences, () =>
            differences.length === 0
              ? `Runs ${a.id} and ${b.id} have the same settings.`
              : table(
                  ['', 'setting', `run ${a.id}`, `run ${b.id}`],
                  differences.map((each) => [each.group, each.setting, each.a, each.b]),
                ),
          );
        } else {
          const runs = await studio.call('runs.list');
          output.result(runs, () => describe(runs));
        }
      }),
    );
}

const numbers =
  (option: string) =>
  (text: string, before: readonly number[] = []): readonly number[] => [...before, wholeNumber(option)(text)];

async function readRun(studio: StudioSession, runId: number, previews: boolean) {
  const summary = await studio.call('runs.get', { runId });
  const records = await studio.call('runs.metrics', { runId, afterStep: -1 });
  return { ...summary, ...records, ...(previews ? { previews: await studio.call('runs.previews', { runId }) } : {}) };
}

const describe = (runs: readonly RunSummary[]): string =>
  table(
    ['run', 'model', 'state', 'step', 'mean AP'],
    runs.map((r) => [
      r.id,
      r.configuration.network.architecture,
      r.state,
      r.step,
      r.meanAveragePrecision?.toFixed(3) ?? '–',
    ]),
  );
