/** Schemas of a run's configuration, shared by the contract, the command line and the files of a run. */
import { z } from 'zod';
import { FEWEST_RATE_STEPS, type RateRange } from '../experiment/learning-rate-finder';
import { EARLIER_SETTINGS, MATH_MODES, type RunConfiguration, type StartWeights } from '../experiment/run';
import { augmentConfiguration, type AugmentConfigurationInput } from './augment-schema';
import { ARCHITECTURE_IDS, type NetworkChoice } from '../network/description';
import { FROZEN_PARTS } from '../network/frozen';
import { INPUT_SIDES } from '../network/zoo';
import type { DefaultBoxConfiguration } from '../priors/configuration';
import type { DetectionRules } from '../priors/detections';
import { MATCHING_THRESHOLDS } from '../priors/match';

const probability = z.number().min(0).max(1);
const pixels = z.number().positive().max(100_000);

const threeNumbers = z.tuple([z.number(), z.number(), z.number()]);

const preprocessing = z.object({
  channelOrder: z.enum(['rgb', 'bgr']),
  mean: threeNumbers,
  std: threeNumbers.refine((std) => std.every((value) => value > 0), 'a std must be above 0'),
});

const inputSide = z.number().int().min(INPUT_SIDES[0]).max(INPUT_SIDES[1]);

export const networkChoice: z.ZodType<NetworkChoice, NetworkChoice> = z.object({
  architecture: z.enum(ARCHITECTURE_IDS),
  widthMultiplier: z.number().min(0.05).max(4),
  input: z.object({ width: inputSide, height: inputSide }),
  preprocessing: preprocessing.optional(),
  rfbBranches: z.union([z.literal(2), z.literal(3)]).optional(),
  batchNorm: z.boolean().optional(),
});

export const defaultBoxConfiguration: z.ZodType<DefaultBoxConfiguration, DefaultBoxConfiguration> = z.object({
  sources: z
    .array(
      z.object({
        minSizes: z.array(pixels).min(1).max(16),
        maxSizes: z.array(pixels).max(16),
        aspectRatios: z.array(z.number().min(0.05).max(20)).max(12),
        step: z.tuple([pixels, pixels]).nullable(),
      }),
    )
    .min(1)
    .max(16),
  clip: z.enum(['none', 'all', 'size']),
  offset: z.number().min(0).max(1),
  variances: z.tuple([z.number().positive(), z.number().positive()]),
  extraBoxLast: z.boolean().optional(),
});

/** IoU from which a default box learns an object. */
export const matchingThreshold = z.number().min(MATCHING_THRESHOLDS[0]).max(MATCHING_THRESHOLDS[1]);

const learningRate = z.number().positive().max(10);
const warmupSteps = z.number().int().min(0).max(1_000_000);

/** Rules from before `pixels` existed are continuous. */
type DetectionRulesInput = Omit<DetectionRules, 'pixels'> & Partial<Pick<DetectionRules, 'pixels'>>;

export const detectionRules: z.ZodType<DetectionRules, DetectionRulesInput> = z.object({
  scoreThreshold: z.number().min(0).max(1),
  perClass: z.number().int().min(1).max(100_000),
  iouThreshold: probability,
  perImage: z.number().int().min(1).max(100_000),
  clipFirst: z.boolean(),
  pixels: z.enum(['continuous', 'inclusive']).default('continuous'),
});

const startWeights: z.ZodType<StartWeights, StartWeights> = z.object({
  fileName: z.string().max(1000),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  layout: z.string().max(100),
  matched: z.number().int().min(0),
  total: z.number().int().min(0),
});

/** Configurations from before these fields existed are read as what they meant. */
type Later = keyof typeof EARLIER_SETTINGS;
type RunConfigurationInput = Omit<RunConfiguration, Later | 'augment'> &
  Partial<Pick<RunConfiguration, Exclude<Later, 'detection'>>> & {
    readonly detection?: DetectionRulesInput;
    readonly augment: AugmentConfigurationInput;
  };

export const runConfiguration: z.ZodType<RunConfiguration, RunConfigurationInput> = z.object({
  network: networkChoice,
  defaultBoxes: defaultBoxConfiguration,
  boxesName: z.string().max(1000).nullable().default(EARLIER_SETTINGS.boxesName),
  steps: z.number().int().min(1).max(10_000_000),
  minutes: z.number().positive().max(100_000).nullable(),
  batchSize: z.number().int().min(1).max(1024),
  learningRate,
  schedule: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('constant'), warmupSteps }),
    z.object({ kind: z.literal('cosine'), warmupSteps }),
    z.object({ kind: z.literal('multistep'), warmupSteps, milestones: z.array(probability).max(20) }),
  ]),
  momentum: z.number().min(0).max(0.9999),
  weightDecay: z.number().min(0).max(1),
  alpha: z.number().min(0).max(1000),
  negativesPerPositive: z.number().min(0).max(1000),
  matchingThreshold,
  matchingRule: z.enum(['bipartite', 'lastWins']).default(EARLIER_SETTINGS.matchingRule),
  augment: augmentConfiguration,
  engine: z.enum(['auto', 'cuda', 'webgpu', 'tensorflow', 'wasm']),
  mathMode: z.enum(MATH_MODES).default(EARLIER_SETTINGS.mathMode),
  seed: z.number().int().min(0).max(0xffffffff),
  checkpointEverySteps: z.number().int().min(1).max(1_000_000),
  evaluateEverySteps: z.number().int().min(0).max(1_000_000),
  detection: detectionRules.default(EARLIER_SETTINGS.detection),
  startWeights: startWeights.nullable().default(EARLIER_SETTINGS.startWeights),
  averageWeights: z.number().min(0).max(0.99999).default(EARLIER_SETTINGS.averageWeights),
  earlyStopping: z
    .object({ patience: z.number().int().min(1).max(1000) })
    .nullable()
    .default(EARLIER_SETTINGS.earlyStopping),
  frozen: z.enum(FROZEN_PARTS).default(EARLIER_SETTINGS.frozen),
  biasLearningRate: z.union([z.literal(1), z.literal(2)]).default(EARLIER_SETTINGS.biasLearningRate),
  decayBiases: z.boolean().default(EARLIER_SETTINGS.decayBiases),
});

/** The bounds of the learning rate's own. */
export const rateRange: z.ZodType<RateRange, RateRange> = z
  .object({
    from: learningRate,
    to: learningRate,
    steps: z.number().int().min(FEWEST_RATE_STEPS).max(10_000),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be above the rate that the test begins with' });

export const runId = z.number().int().positive();

/** A picture handed over by the renderer itself: bytes, never a path. */
export const droppedImage = z.object({
  name: z.string().max(500),
  bytes: z.instanceof(Uint8Array).refine((b) => b.byteLength <= 100_000_000, 'larger than 100 MB'),
});
