/** A training run: its configuration, its states, and the metric records it leaves. */
import type { DefaultBoxConfiguration } from '../priors/configuration';
import type { NetworkChoice } from '../network/description';
import type { FrozenPart } from '../network/frozen';
import { CAFFE_RULES, type DetectionRules } from '../priors/detections';
import type { MatchingRule } from '../priors/match';
import type { AugmentConfiguration } from '../augment/configuration';

/** Best first: the order in which 'auto' tries. */
export const ENGINE_IDS = ['cuda', 'webgpu', 'tensorflow', 'wasm'] as const;
export type EngineId = (typeof ENGINE_IDS)[number];
export type EngineChoice = EngineId | 'auto';

/** How convolutions multiply; bfloat16 rounds what they read to 8 significant bits. */
export const MATH_MODES = ['float32', 'bfloat16'] as const;
export type MathMode = (typeof MATH_MODES)[number];

export type Schedule =
  | { readonly kind: 'constant'; readonly warmupSteps: number }
  | { readonly kind: 'cosine'; readonly warmupSteps: number }
  /** Learning rate times 0.1 at each milestone, a fraction of all steps. */
  | { readonly kind: 'multistep'; readonly warmupSteps: number; readonly milestones: readonly number[] };

/** So many steps mean: until the minutes are over. */
export const OPEN_ENDED_STEPS = 10_000_000;

/** Everything that decides a run. Frozen in the run when it starts. */
export interface RunConfiguration {
  readonly network: NetworkChoice;
  readonly defaultBoxes: DefaultBoxConfiguration;
  /** What the project called these default boxes when the run began, or null. */
  readonly boxesName: string | null;
  readonly steps: number;
  /** Stop after this many minutes of training even if steps are left; the schedule then follows time. Null: no limit. */
  readonly minutes: number | null;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Weight of the localisation loss. */
  readonly alpha: number;
  readonly negativesPerPositive: number;
  readonly matchingThreshold: number;
  readonly matchingRule: MatchingRule;
  readonly augment: AugmentConfiguration;
  readonly engine: EngineChoice;
  /** Of the tensorflow engine; the others know float32 only. */
  readonly mathMode: MathMode;
  readonly seed: number;
  readonly checkpointEverySteps: number;
  /** Average precision on val every so many steps; 0: never while training. */
  readonly evaluateEverySteps: number;
  /** How answers of the network become detections; a call may ask for another score threshold. */
  readonly detection: DetectionRules;
  /** The weight file that the run began from, or null: fresh weights. */
  readonly startWeights: StartWeights | null;
  /** Decay per step of an exponential moving average of the weights, which then is what predicts; 0: none is kept. */
  readonly averageWeights: number;
  /** Ends the run after so many validations in a row without a better mean average precision; null: never. */
  readonly earlyStopping: { readonly patience: number } | null;
  readonly frozen: FrozenPart;
  /** Times the learning rate, for biases of convolutions; 2 is Caffe's (SPEC.md 7). */
  readonly biasLearningRate: 1 | 2;
  /** Whether weight decay takes biases, batch norms and L2 scales too, as the PyTorch ports do; else kernels alone. */
  readonly decayBiases: boolean;
}

/** Settings that configurations may lack because they are older, with what such a configuration meant. */
export const EARLIER_SETTINGS = {
  boxesName: null,
  mathMode: 'float32',
  matchingRule: 'bipartite',
  detection: CAFFE_RULES,
  startWeights: null,
  averageWeights: 0,
  earlyStopping: null,
  frozen: 'none',
  biasLearningRate: 1,
  decayBiases: false,
} as const satisfies Partial<RunConfiguration>;

/** Whether a training begins with fresh weights or with those of a file. */
export const RUN_STARTS = ['fresh', 'weights'] as const;
export type RunStart = (typeof RUN_STARTS)[number];

/** A weight file that was brought into a run, as it was then; the run keeps its own copy of the numbers. */
export interface StartWeights {
  readonly fileName: string;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
  /** Whose names its tensors have. */
  readonly layout: string;
  /** Parameters of the network that the file gave, of so many. */
  readonly matched: number;
  readonly total: number;
}

/** `interrupted`: its process ended without saying so; resumable from the last checkpoint like `paused`. */
export type RunState =
  | 'queued'
  | 'running'
  | 'paused'
  | 'interrupted'
  | 'stopped'
  | 'finished'
  | 'failed'
  /** Made from a weight file, never trained here: a checkpoint at step 0 and no metrics. */
  | 'imported';

/** One line of a run's metrics, written every few steps. Losses are means over the steps since the previous record, already divided by N. */
export interface MetricRecord {
  readonly step: number;
  /** Seconds of training so far, pauses left out. */
  readonly seconds: number;
  readonly confidenceLoss: number;
  readonly localisationLoss: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Mean positives per picture for each source. */
  readonly positivesPerSource: readonly number[];
  /** The two losses by the source whose default boxes caused them; their sums are the losses. Absent in older logs. */
  readonly confidenceLossPerSource?: readonly number[];
  readonly localisationLossPerSource?: readonly number[];
  /** Mean length of the gradient. Absent in older logs. */
  readonly gradientNorm?: number;
  /** On the first record after the run was set back: the step at which its loss had stopped being a number. */
  readonly rolledBackFrom?: number;
}

/** Validation while training. */
export interface ValidationRecord {
  readonly step: number;
  /** Mean average precision at IoU 0.5, VOC all-point. */
  readonly meanAveragePrecision: number;
  readonly averagePrecision: readonly { readonly className: string; readonly value: number | null }[];
}

export interface RunSummary {
  readonly id: number;
  readonly name: string;
  readonly state: RunState;
  readonly configuration: RunConfiguration;
  readonly classNames: readonly string[];
  readonly engine: EngineId | null;
  readonly step: number;
  /** The newest checkpoint: where the run goes on. */
  readonly checkpointStep: number | null;
  /** The checkpoint with the best mean average precision on val so far; null while nothing was validated. */
  readonly bestStep: number | null;
  readonly createdAt: string;
  /** Of the weights that predict, from training or from Evaluate. */
  readonly meanAveragePrecision: number | null;
  /** Why it failed or was interrupted, in words a person can act on. */
  readonly message: string | null;
}

/** The checkpoint that Detect, Evaluate and Export take: the best on val, without one the newest. */
export const detectorStep = ({ bestStep, checkpointStep }: Pick<RunSummary, 'bestStep' | 'checkpointStep'>) =>
  bestStep ?? checkpointStep;
