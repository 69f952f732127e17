/** Options that say what a training trains, for `train` itself and for the commands that look at one before it begins. */
import type { Command } from 'commander';
import type { WeightsSource } from '@core/contract/weights';
import { AUGMENT_HELP } from '@core/experiment/augmentation-text';
import {
  type EngineChoice,
  MATH_MODES,
  type MathMode,
  OPEN_ENDED_STEPS,
  type RunConfiguration,
} from '@core/experiment/run';
import type { MatchingRule } from '@core/priors/match';
import { augmentOption } from './augment-option';
import { BOXES_HELP, boxesFor } from './boxes-option';
import { configure, sizeOptions, type SizeOptions } from './box-changes';
import { INPUT_HELP, modelNames, networkOption } from './commands/priors';
import { realNumber, wholeNumber } from './commands/project';
import { pixelOptions, type SourceOptions, weightsSource } from './commands/weights';
import { type Output, UsageError } from './output';
import type { StudioSession } from './session';
import { applyRules, type RuleOptions, ruleOptions } from './train-rules';
import { describePlacement } from './weights-report';

export interface SettingOptions extends SourceOptions, RuleOptions, SizeOptions {
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
  readonly boxes?: string;
  readonly evaluateEvery?: number;
  readonly checkpointEvery?: number;
  readonly weights?: string;
  readonly augment?: string;
}

const ENGINES: readonly EngineChoice[] = ['auto', 'cuda', 'webgpu', 'tensorflow', 'wasm'];
const MATCHING_RULES: readonly MatchingRule[] = ['bipartite', 'lastWins'];

export function settingOptions(command: Command): Command {
  return sizeOptions(ruleOptions(pixelOptions(command)))
    .option('--model <m>', modelNames())
    .option('--weights <file>', 'begin from the weights of this file instead of fresh ones')
    .option('--width <f>', 'width multiplier of the VGG family', realNumber('--width'))
    .option('--input <wxh>', INPUT_HELP)
    .option('--engine <e>', ENGINES.join(' | '))
    .option('--math <m>', `products of the tensorflow engine, bfloat16 for speed: ${MATH_MODES.join(' | ')}`)
    .option('--batch <n>', 'pictures per step', wholeNumber('--batch'))
    .option('--lr <f>', 'learning rate', realNumber('--lr'))
    .option('--alpha <f>', 'weight of the localisation loss', realNumber('--alpha'))
    .option('--negatives <f>', 'hard negatives per positive', realNumber('--negatives'))
    .option('--matching <rule>', `who has a default box that two objects want: ${MATCHING_RULES.join(' | ')}`)
    .option('--augment <a>', AUGMENT_HELP)
    .option('--seed <n>', 'of weights, order and augmentation', wholeNumber('--seed'))
    .option('--boxes <boxes>', `default boxes: ${BOXES_HELP}`);
}

/** How long it lasts and what it keeps. */
export function lengthOptions(command: Command): Command {
  return command
    .option('--steps <n>', 'training steps', wholeNumber('--steps'))
    .option('--minutes <t>', 'at most so long; the schedule follows time', realNumber('--minutes'))
    .option('--evaluate-every <n>', 'steps between validations, 0: none', wholeNumber('--evaluate-every'))
    .option('--checkpoint-every <n>', 'steps between checkpoints', wholeNumber('--checkpoint-every'));
}

/** The weight file that the training would begin from, or none. Says what fits where. */
async function startOf(
  studio: StudioSession,
  output: Output,
  options: SettingOptions,
  configuration: RunConfiguration,
) {
  const { layout, channelOrder, mean, std, decimate } = options;
  if (options.weights === undefined) {
    if ([layout, channelOrder, mean, std, decimate].every((given) => given === undefined)) return undefined;
    throw new UsageError('--layout, --channel-order, --mean, --std and --decimate say how to read --weights');
  }
  const source = weightsSource(options.weights, options);
  const report = await studio.call('weights.inspect', { source, start: configuration });
  output.message([`Begins from ${report.fileName} (${report.layout.name})`, ...describePlacement(report)].join('\n'));
  return source;
}

/** What `train` would train with these options in the open project. Throws UsageError. */
export async function readSettings(
  studio: StudioSession,
  output: Output,
  options: SettingOptions,
): Promise<{ readonly configuration: RunConfiguration; readonly weights: WeightsSource | undefined }> {
  if (options.model === undefined) throw new UsageError('--model is missing');
  const configuration = await configurationOf(studio, options, options.model);
  return { configuration, weights: await startOf(studio, output, options, configuration) };
}

async function configurationOf(
  studio: StudioSession,
  options: SettingOptions,
  model: string,
): Promise<RunConfiguration> {
  const network = networkOption({ model, width: options.width, input: options.input });
  const engine = (options.engine ?? 'auto') as EngineChoice;
  if (!ENGINES.includes(engine)) throw new UsageError(`--engine ${engine}: known are ${ENGINES.join(', ')}`);
  const math = (options.math ?? 'float32') as MathMode;
  if (!MATH_MODES.includes(math)) throw new UsageError(`--math ${math}: known are ${MATH_MODES.join(', ')}`);
  const matching = (options.matching ?? 'bipartite') as MatchingRule;
  if (!MATCHING_RULES.includes(matching)) {
    throw new UsageError(`--matching ${matching}: known are ${MATCHING_RULES.join(', ')}`);
  }
  const suggested = await studio.call('training.suggest', { network, start: options.weights ? 'weights' : 'fresh' });
  const boxes = options.boxes === undefined ? null : await boxesFor(studio, network, options.boxes);
  return {
    ...applyRules(suggested, options),
    engine,
    mathMode: math,
    defaultBoxes: configure(boxes?.configuration ?? suggested.defaultBoxes, network, options),
    boxesName: boxes?.name ?? null,
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
