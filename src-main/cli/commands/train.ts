/** train: starts or resumes a run and stays with it; Ctrl-C ends it at a checkpoint. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  MATH_MODES,
  type MathMode,
  OPEN_ENDED_STEPS,
  type EngineChoice,
  type RunConfiguration,
  type RunSummary,
  type ValidationRecord,
} from '@core/experiment/run';
import { AUGMENT_HELP } from '@core/experiment/augmentation-text';
import type { MatchingRule } from '@core/priors/match';
import { StudioFailure } from '@core/contract/failure';
import { augmentOption } from '../augment-option';
import { UsageError, type Output } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { describeProgress, describeValidation } from '../train-progress';
import { applyRules, type RuleOptions, ruleOptions } from '../train-rules';
import { describePlacement } from '../weights-report';
import { configure, INPUT_HELP, modelNames, networkOption } from './priors';
import { realNumber, wholeNumber } from './project';
import { pixelOptions, weightsSource, type SourceOptions } from './weights';

interface TrainOptions extends SourceOptions, RuleOptions {
  readonly model?: string;
  readonly width?: number;
  readonly input?: string;
  readonly engine?: string;
  readonly math?: string;
  readonly steps?: number;
  readonly minutes?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly alpha?: number;
  readonly negatives?: number;
  readonly matching?: string;
  readonly seed?: number;
  readonly smin?: number;
  readonly smax?: number;
  readonly ratios?: string;
  readonly evaluateEvery?: number;
  readonly checkpointEvery?: number;
  readonly resume?: number;
  readonly weights?: string;
  readonly augment?: string;
}

const MATCHING_RULES: readonly MatchingRule[] = ['bipartite', 'lastWins'];
/** Between two lines of progress. */
const LINE_MILLISECONDS = 5_000;
const ENGINES: readonly EngineChoice[] = ['auto', 'cuda', 'webgpu', 'tensorflow', 'wasm'];

export function addTrainCommand(program: Command, run: RunCommand): void {
  ruleOptions(pixelOptions(program.command('train <dir>')))
    .description('train a detector; settings that are not given are those the studio suggests for the project')
    .option('--model <m>', modelNames())
    .option('--weights <file>', 'begin from the weights of this file instead of fresh ones')
    .option('--width <f>', 'width multiplier of the VGG family', realNumber('--width'))
    .option('--input <wxh>', INPUT_HELP)
    .option('--engine <e>', ENGINES.join(' | '))
    .option('--math <m>', `products of the tensorflow engine, bfloat16 for speed: ${MATH_MODES.join(' | ')}`)
    .option('--steps <n>', 'training steps', wholeNumber('--steps'))
    .option('--minutes <t>', 'at most so long; the schedule follows time', realNumber('--minutes'))
    .option('--batch <n>', 'pictures per step', wholeNumber('--batch'))
    .option('--lr <f>', 'learning rate', realNumber('--lr'))
    .option('--alpha <f>', 'weight of the localisation loss', realNumber('--alpha'))
    .option('--negatives <f>', 'hard negatives per positive', realNumber('--negatives'))
    .option('--matching <rule>', `who has a default box that two objects want: ${MATCHING_RULES.join(' | ')}`)
    .option('--augment <a>', AUGMENT_HELP)
    .option('--seed <n>', 'of weights, order and augmentation', wholeNumber('--seed'))
    .option('--smin <f>', 's_min of the default boxes', realNumber('--smin'))
    .option('--smax <f>', 's_max of the default boxes', realNumber('--smax'))
    .option('--ratios <r>', 'aspect ratios per map, as in `priors`')
    .option('--evaluate-every <n>', 'steps between validations, 0: none', wholeNumber('--evaluate-every'))
    .option('--checkpoint-every <n>', 'steps between checkpoints', wholeNumber('--checkpoint-every'))
    .option('--resume <run>', 'go on with this run from its last checkpoint', wholeNumber('--resume'))
    .action(
      run(async ({ studio, output, interrupted }, [dir], options: TrainOptions) => {
        await studio.call('projects.open', { directory: resolve(dir) });
        const summary = await train(studio, output, interrupted, options);
        output.result(summary, describeRun(summary));
      }),
    );
}

async function train(studio: StudioSession, output: Output, interrupted: AbortSignal, options: TrainOptions) {
  if (options.resume !== undefined) {
    const runId = options.resume;
    return followRun(studio, output, interrupted, runId, () => studio.call('training.resume', { runId }));
  }
  if (options.model === undefined) throw new UsageError('train needs --model or --resume');
  const configuration = await configurationOf(studio, options, options.model);
  const { layout, channelOrder, mean, std, decimate } = options;
  if (
    options.weights === undefined &&
    [layout, channelOrder, mean, std, decimate].some((given) => given !== undefined)
  ) {
    throw new UsageError('--layout, --channel-order, --mean, --std and --decimate say how to read --weights');
  }
  const weights = options.weights === undefined ? undefined : weightsSource(options.weights, options);
  if (weights !== undefined) {
    const report = await studio.call('weights.inspect', { source: weights, start: configuration });
    output.message([`Begins from ${report.fileName} (${report.layout.name})`, ...describePlacement(report)].join('\n'));
  }
  const started = await studio.call('training.start', { configuration, weights });
  output.message(`Run ${started.id}: ${describeConfiguration(configuration)}`);
  return followRun(studio, output, interrupted, started.id, async () => {});
}

async function configurationOf(studio: StudioSession, options: TrainOptions, model: string): Promise<RunConfiguration> {
  const network = networkOption({ model, width: options.width, input: options.input });
  const engine = (options.engine ?? 'auto') as EngineChoice;
  if (!ENGINES.includes(engine)) throw new UsageError(`--engine ${engine}: known are ${ENGINES.join(', ')}`);
  const math = (options.math ?? 'float32') as MathMode;
  if (!MATH_MODES.includes(math)) throw new UsageError(`--math ${math}: known are ${MATH_MODES.join(', ')}`);
  const matching = (options.matching ?? 'bipartite') as MatchingRule;
  if (!MATCHING_RULES.includes(matching)) {
    throw new UsageError(`--matching ${matching}: known are ${MATCHING_RULES.join(', ')}`);
  }
  const suggested = await studio.call('training.suggest', { network });
  return {
    ...applyRules(suggested, options),
    engine,
    mathMode: math,
    defaultBoxes: configure(suggested.defaultBoxes, network, options),
    // Minutes alone leave the number of steps open: the time decides.
    steps: options.steps ?? (options.minutes === undefined ? suggested.steps : OPEN_ENDED_STEPS),
    minutes: options.minutes ?? (options.steps === undefined ? suggested.minutes : null),
    batchSize: options.batch ?? suggested.batchSize,
    learningRate: options.lr ?? suggested.learningRate,
    alpha: options.alpha ?? suggested.alpha,
    negativesPerPositive: options.negatives ?? suggested.negativesPerPositive,
    matchingRule: matching,
    augment: augmentOption(options.augment, suggested.augment),
    seed: options.seed ?? suggested.seed,
    evaluateEverySteps: options.evaluateEvery ?? suggested.evaluateEverySteps,
    checkpointEverySteps: options.checkpointEvery ?? suggested.checkpointEverySteps,
  };
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
