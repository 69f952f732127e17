/** The settings behind "More settings": what each is called, what it means in a line, and its bounds (those of run-schema.ts). */
import type { EngineChoice, RunConfiguration } from '@core/experiment/run';
import type { ScheduleKind } from '@core/experiment/schedule';
import type { FrozenPart } from '@core/network/frozen';
import { MATCHING_THRESHOLDS } from '@core/priors/match';

type NumericKey =
  | 'steps'
  | 'batchSize'
  | 'learningRate'
  | 'momentum'
  | 'weightDecay'
  | 'alpha'
  | 'negativesPerPositive'
  | 'matchingThreshold'
  | 'seed'
  | 'checkpointEverySteps'
  | 'evaluateEverySteps';

export interface NumberSetting {
  readonly id: NumericKey;
  readonly label: string;
  readonly unit?: string;
  /** One line for those who never read the paper. */
  readonly help: string;
  readonly range: readonly [min: number, max: number];
  /** What an arrow key adds. A whole step means that only whole numbers are taken. */
  readonly step: number;
}

export const LENGTH_SETTINGS: readonly NumberSetting[] = [
  {
    id: 'steps',
    label: 'Steps',
    unit: 'steps',
    range: [1, 10_000_000],
    step: 100,
    help: 'How many batches the detector learns from.',
  },
  {
    id: 'batchSize',
    label: 'Batch',
    unit: 'pictures',
    range: [1, 1024],
    step: 1,
    help: 'Pictures per step. More is steadier, and needs more memory.',
  },
];

export const OPTIMISER_SETTINGS: readonly NumberSetting[] = [
  {
    id: 'learningRate',
    label: 'Learning rate',
    range: [1e-7, 10],
    step: 0.001,
    help: 'How far each step moves the weights. Too high diverges, too low crawls.',
  },
  {
    id: 'momentum',
    label: 'Momentum',
    range: [0, 0.9999],
    step: 0.05,
    help: 'How much of the last step’s direction is kept.',
  },
  {
    id: 'weightDecay',
    label: 'Weight decay',
    range: [0, 1],
    step: 0.0001,
    help: 'Pulls weights towards zero, against overfitting.',
  },
];

export const LOSS_SETTINGS: readonly NumberSetting[] = [
  {
    id: 'alpha',
    label: 'Alpha',
    range: [0, 1000],
    step: 0.1,
    help: 'Weight of the localisation loss (where) against the confidence loss (what).',
  },
  {
    id: 'negativesPerPositive',
    label: 'Negatives per positive',
    range: [0, 1000],
    step: 0.5,
    help: 'Hard negative mining: background boxes learned for each box that matches an object.',
  },
  {
    id: 'matchingThreshold',
    label: 'Matching IoU',
    range: MATCHING_THRESHOLDS,
    step: 0.05,
    help: 'From this overlap on a default box learns an object.',
  },
];

export const MATH_MODE_OPTIONS: readonly { readonly value: RunConfiguration['mathMode']; readonly label: string }[] = [
  { value: 'float32', label: 'float32, exact' },
  { value: 'bfloat16', label: 'bfloat16, fast' },
];

export const FROZEN_LABELS: Readonly<Record<FrozenPart, string>> = {
  none: 'Nothing: all of it learns',
  stem: 'First convolutions',
  base: 'The whole base',
};

/** Decay of the average that switching it on gives: a memory of about a thousand steps. */
export const USUAL_AVERAGE = 0.999;
export const AVERAGE_RANGE = [0, 0.99999] as const;
/** Validations without a better one that switching early stopping on waits for. */
export const USUAL_PATIENCE = 5;
export const PATIENCE_RANGE = [1, 1000] as const;

export const MATCHING_RULES: readonly { readonly value: RunConfiguration['matchingRule']; readonly label: string }[] = [
  { value: 'bipartite', label: 'Each its own (Caffe)' },
  { value: 'lastWins', label: 'Last wins (ports)' },
];

export const RECORD_SETTINGS: readonly NumberSetting[] = [
  {
    id: 'evaluateEverySteps',
    label: 'Validate every',
    unit: 'steps',
    range: [0, 1_000_000],
    step: 50,
    help: 'Average precision on the val split this often. 0: not while training.',
  },
  {
    id: 'checkpointEverySteps',
    label: 'Checkpoint every',
    unit: 'steps',
    range: [1, 1_000_000],
    step: 50,
    help: 'A crash or power cut loses at most this many steps.',
  },
  {
    id: 'seed',
    label: 'Seed',
    range: [0, 0xffffffff],
    step: 1,
    help: 'The same seed and settings give the same run.',
  },
];

export const readSetting = ({ id }: NumberSetting, configuration: RunConfiguration): number => configuration[id];

/** The change that sets a value inside the bounds, rounded where only whole numbers mean something. */
export const changeSetting = ({ id, step }: NumberSetting, value: number): Partial<RunConfiguration> => ({
  [id]: Number.isInteger(step) ? Math.round(value) : value,
});

/** The minutes that switching the time limit on gives. */
export const USUAL_MINUTES = 15;
export const MINUTES_RANGE = [0.1, 100_000] as const;

export const SCHEDULES: readonly { readonly value: ScheduleKind; readonly label: string }[] = [
  { value: 'cosine', label: 'Cosine, down to zero' },
  { value: 'multistep', label: 'Divided by 10 at milestones' },
  { value: 'constant', label: 'Constant' },
];

/** Parts of a run as percent of it. */
export const milestonesText = (milestones: readonly number[]): string =>
  milestones.map((part) => Number((100 * part).toFixed(1))).join(', ');

const MOST_MILESTONES = 20;

/** Percent with commas or spaces between them as parts of a run, in order; or why they cannot be taken. */
export function parseMilestones(
  text: string,
): { readonly milestones: readonly number[] } | { readonly problem: string } {
  const percents = text
    .split(/[\s,;%]+/)
    .filter((part) => part !== '')
    .map(Number);
  if (percents.length === 0 || percents.some((percent) => !(percent > 0 && percent < 100)))
    return { problem: 'Type percent of the run, above 0 and below 100, e.g. 67, 83.' };
  if (percents.length > MOST_MILESTONES) return { problem: `At most ${MOST_MILESTONES} milestones.` };
  return { milestones: percents.map((percent) => percent / 100).sort((a, b) => a - b) };
}

export const ENGINE_LABELS: Readonly<Record<EngineChoice, string>> = {
  auto: 'Best available',
  cuda: 'NVIDIA GPU · CUDA',
  webgpu: 'GPU · WebGPU',
  tensorflow: 'CPU · TensorFlow',
  wasm: 'CPU · WebAssembly',
};
