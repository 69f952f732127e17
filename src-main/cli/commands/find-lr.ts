/** find-lr: the learning-rate finder. Trains a few steps at growing rates, says which one to take, and keeps nothing. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { RateSearch } from '@core/contract/runs';
import {
  FEWEST_RATE_STEPS,
  findRate,
  type RateFinding,
  smoothedLosses,
  USUAL_RATE_RANGE,
} from '@core/experiment/learning-rate-finder';
import { table } from '../output';
import type { RunCommand } from '../run-command';
import { readSettings, type SettingOptions, settingOptions } from '../train-settings';
import { realNumber, wholeNumber } from './project';

const OPERATION = 'command-line';
/** Lines of the table of losses. */
const LINES = 24;

interface FinderOptions extends SettingOptions {
  readonly from?: number;
  readonly to?: number;
}

export function addFindLrCommand(program: Command, run: RunCommand): void {
  const { from, to, steps } = USUAL_RATE_RANGE;
  settingOptions(program.command('find-lr <dir>'))
    .description('find a learning rate for the training that the same options of `train` would start; keeps nothing')
    .option('--from <f>', `rate of the first step, otherwise ${from}`, realNumber('--from'))
    .option('--to <f>', `rate of the last step, otherwise ${to}`, realNumber('--to'))
    .option(
      '--steps <n>',
      `steps from the one to the other, at least ${FEWEST_RATE_STEPS}, otherwise ${steps}`,
      wholeNumber('--steps'),
    )
    .action(
      run(async ({ studio, output, interrupted }, [dir], options: FinderOptions) => {
        await studio.call('projects.open', { directory: resolve(dir) });
        const { configuration, weights } = await readSettings(studio, output, { ...options, steps: undefined });
        const range = { from: options.from ?? from, to: options.to ?? to, steps: options.steps ?? steps };
        interrupted.addEventListener('abort', () => void studio.call('operations.cancel', { operationId: OPERATION }));
        const search = await studio.call('training.findRate', {
          configuration,
          weights,
          range,
          operationId: OPERATION,
        });
        const finding = findRate(search.samples, range);
        const smoothed = smoothedLosses(search.samples, range.steps);
        output.result({ ...search, smoothed, ...finding, learningRate: configuration.learningRate }, () =>
          describe(search, smoothed, finding, configuration.learningRate),
        );
      }),
    );
}

function describe(
  { engine, range, samples, diverged }: RateSearch,
  smoothed: readonly number[],
  { suggestion, sentence }: RateFinding,
  planned: number,
): string {
  const every = Math.max(1, Math.ceil(samples.length / LINES));
  const rows = samples.flatMap(({ rate, loss }, i) =>
    i % every === 0 || i === samples.length - 1
      ? [[rate.toExponential(2), loss.toFixed(3), smoothed[i].toFixed(3)]]
      : [],
  );
  const ended = diverged ? `The loss diverged after ${samples.length} of ${range.steps} steps.` : null;
  return [
    table(['learning rate', 'loss', 'smoothed'], rows),
    [`On ${engine}.`, ended, sentence].filter(Boolean).join(' '),
    suggestion === null
      ? `Without a suggestion \`train\` takes ${planned}.`
      : `Suggested: --lr ${suggestion.rate} (\`train\` would take ${planned})`,
  ].join('\n');
}
