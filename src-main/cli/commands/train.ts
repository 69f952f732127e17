/** train: starts or resumes a run and stays with it; Ctrl-C ends it at a checkpoint. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration, RunSummary, ValidationRecord } from '@core/experiment/run';
import { UsageError, type Output } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { describeProgress, describeValidation } from '../train-progress';
import { describePlan } from '../train-plan';
import { lengthOptions, readSettings, type SettingOptions, settingOptions } from '../train-settings';
import { wholeNumber } from './project';

interface TrainOptions extends SettingOptions {
  readonly resume?: number;
  readonly dryRun?: boolean;
}

/** Between two lines of progress. */
const LINE_MILLISECONDS = 5_000;

export function addTrainCommand(program: Command, run: RunCommand): void {
  lengthOptions(settingOptions(program.command('train <dir>')))
    .description('train a detector; settings that are not given are those the studio suggests for the project')
    .option('--resume <run>', 'go on with this run from its last checkpoint', wholeNumber('--resume'))
    .option(
      '--dry-run',
      'only say what would be trained: engine, default boxes, steps, epochs, memory, checkpoint size',
    )
    .action(
      run(async ({ studio, output, interrupted }, [dir], options: TrainOptions) => {
        await studio.call('projects.open', { directory: resolve(dir) });
        if (options.dryRun) return describePlanned(studio, output, options);
        const summary = await train(studio, output, interrupted, options);
        output.result(summary, describeRun(summary));
      }),
    );
}

async function describePlanned(studio: StudioSession, output: Output, options: TrainOptions): Promise<void> {
  if (options.resume !== undefined) throw new UsageError('--dry-run says what a new training would be, not --resume');
  const { configuration } = await readSettings(studio, output, options);
  const { engine, mathMode } = configuration;
  const chosen = engine === 'auto' ? (await studio.call('engines.list')).find((each) => each.chosen)?.id : engine;
  if (chosen === undefined) throw new StudioFailure('engine-missing', 'No engine is ready.', 'See `engines`.');
  const plan = await studio.call('training.plan', { configuration, engine: chosen });
  output.result({ configuration, ...plan }, () => describePlan(configuration, plan, mathMode));
}

async function train(studio: StudioSession, output: Output, interrupted: AbortSignal, options: TrainOptions) {
  if (options.resume !== undefined) {
    const runId = options.resume;
    return followRun(studio, output, interrupted, runId, () => studio.call('training.resume', { runId }));
  }
  if (options.model === undefined) throw new UsageError('train needs --model or --resume');
  const { configuration, weights } = await readSettings(studio, output, options);
  const started = await studio.call('training.start', { configuration, weights });
  output.message(`Run ${started.id}: ${describeConfiguration(configuration)}`);
  return followRun(studio, output, interrupted, started.id, async () => {});
}

/** Prints progress until the run ends. An interruption pauses it, so that --resume goes on. Throws when the run fails. */
export async function followRun(
  studio: StudioSession,
  output: Output,
  interrupted: AbortSignal,
  runId: number,
  start: () => Promise<unknown>,
): Promise<RunSummary> {
  let lastLine = 0;
  const validated: ValidationRecord[] = [];
  const stopMetrics = studio.on('run.metrics', ({ runId: id, metrics, validations, secondsLeft }) => {
    if (id !== runId) return;
    validated.push(...validations);
    for (const validation of validations) output.message(describeValidation(validation));
    const latest = metrics.at(-1);
    if (!latest || Date.now() - lastLine < LINE_MILLISECONDS) return;
    lastLine = Date.now();
    output.message(describeProgress(latest, validated, secondsLeft));
  });
  const ended = new Promise<RunSummary>((resolveEnd) => {
    const stop = studio.on('run.changed', (summary) => {
      if (summary.id !== runId || summary.state === 'running' || summary.state === 'queued') return;
      stop();
      resolveEnd(summary);
    });
  });
  const pause = (): void => void studio.call('training.pause', { runId }).catch(() => {});
  interrupted.addEventListener('abort', pause, { once: true });
  try {
    await start();
    const current = await studio.call('runs.get', { runId });
    const summary = current.state === 'running' || current.state === 'queued' ? await ended : current;
    if (summary.state === 'failed' || summary.state === 'interrupted') {
      throw new StudioFailure('internal', `Run ${runId} ${summary.state}: ${summary.message ?? 'no reason given'}`);
    }
    return summary;
  } finally {
    stopMetrics();
    interrupted.removeEventListener('abort', pause);
  }
}

function describeConfiguration(c: RunConfiguration): string {
  const length = c.minutes === null ? `${c.steps} steps` : `${c.minutes} minutes`;
  return `${c.network.architecture}, ${length}, batch ${c.batchSize}, learning rate ${c.learningRate}, seed ${c.seed}`;
}

function describeRun(run: RunSummary): string {
  const ap =
    run.meanAveragePrecision === null
      ? ''
      : `, mean AP ${run.meanAveragePrecision.toFixed(3)} on val${run.bestStep === null ? '' : ` at step ${run.bestStep}, which predicts`}`;
  const next = run.state === 'paused' ? `; go on with --resume ${run.id}` : '';
  return `Run ${run.id} ${run.state} at step ${run.step} on ${run.engine ?? 'no engine'}${ap}${next}.${run.message === null ? '' : ` ${run.message}`}`;
}
