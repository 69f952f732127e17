/** Training runs, evaluation, detection, export, engines. */
import { z } from 'zod';
import { METRICS, type Detection, type EvaluationReport } from '../evaluation/report';
import { DEVKIT, VOC_IOU } from '../evaluation/voc-convention';
import type { RateRange, RateSample } from '../experiment/learning-rate-finder';
import type { RunPreviews } from '../experiment/preview';
import {
  ENGINE_IDS,
  RUN_STARTS,
  type EngineId,
  type MetricRecord,
  type RunConfiguration,
  type RunSummary,
  type ValidationRecord,
} from '../experiment/run';
import type { TrainingPlan } from '../experiment/training-plan';
import { WRITTEN_LAYOUTS } from '../weights/export-names';
import { channel } from './channel';
import { EXPORT_FORMATS, type ExportReport } from './exports';
import { operationId } from './projects';
import { weightsSource } from './weights';
import { droppedImage, networkChoice, rateRange, runConfiguration, runId } from './run-schema';

const vocConvention = z.object({
  pixels: z.enum(['inclusive', 'continuous']),
  atThreshold: z.enum(['found', 'missed']),
  elevenPointThresholds: z.enum(['numpy', 'exact']),
  difficult: z.enum(['ignored', 'counted']),
});

export interface EngineStatus {
  readonly id: EngineId;
  readonly name: string;
  readonly ready: boolean;
  /** What it runs on ("2 threads, AVX-512", "NVIDIA H100"), or what is missing. */
  readonly detail: string;
  /** The command or step that would make it ready, or null. */
  readonly help: string | null;
  /** This is what 'auto' takes. */
  readonly chosen: boolean;
}

export interface DetectedImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Score at least 0.01, after NMS, best first. */
  readonly detections: readonly Detection[];
  readonly milliseconds: number;
  /** Why this picture could not be read, or null. */
  readonly problem: string | null;
}

/** What the learning-rate finder saw; `findRate` says what it means. */
export interface RateSearch {
  readonly engine: EngineId;
  readonly range: RateRange;
  readonly samples: readonly RateSample[];
  /** It ended before its last step, because the loss diverged. */
  readonly diverged: boolean;
}

export const runChannels = {
  /** Sensible settings for this project: default boxes saved or fitted, steps, batch and learning rate. */
  'training.suggest': channel(
    z.object({ network: networkChoice, start: z.enum(RUN_STARTS).optional() }),
  ).returns<RunConfiguration>(),
  /** With `weights` the run begins from a file's weights instead of fresh ones, and takes its pixels as the file's network did. */
  'training.start': channel(
    z.object({ configuration: runConfiguration, weights: weightsSource.optional() }),
  ).returns<RunSummary>(),
  /** What a training with these settings on this engine would take: steps, default boxes, memory, disk. */
  'training.plan': channel(
    z.object({ configuration: runConfiguration, engine: z.enum(ENGINE_IDS) }),
  ).returns<TrainingPlan>(),
  /**
   * The learning-rate finder: the first steps of the run that `training.start` would start, with a rate that grows. Keeps nothing.
   * Every step is told of by the event 'rate.tried'.
   */
  'training.findRate': channel(
    z.object({ configuration: runConfiguration, weights: weightsSource.optional(), range: rateRange, operationId }),
  ).returns<RateSearch>(),
  'training.pause': channel(z.object({ runId })).returns<void>(),
  /** Goes on from the last checkpoint: after pause, stop of the app, crash. */
  'training.resume': channel(z.object({ runId })).returns<void>(),
  'training.stop': channel(z.object({ runId })).returns<void>(),
  'runs.list': channel(z.void()).returns<readonly RunSummary[]>(),
  'runs.get': channel(z.object({ runId })).returns<RunSummary>(),
  'runs.metrics': channel(z.object({ runId, afterStep: z.number().int().min(-1).default(-1) })).returns<{
    readonly metrics: readonly MetricRecord[];
    readonly validations: readonly ValidationRecord[];
  }>(),
  /** What the validations found on a few fixed pictures of val; empty for runs without such, as imported ones. */
  'runs.previews': channel(z.object({ runId })).returns<RunPreviews>(),
  'runs.remove': channel(z.object({ runId })).returns<void>(),
  'evaluation.run': channel(
    z.object({
      runId,
      split: z.enum(['train', 'val', 'test']),
      metric: z.enum(METRICS),
      /** This and the convention are VOC's; COCO's metric has its own and leaves them. */
      iouThreshold: z.number().positive().max(1).default(VOC_IOU),
      convention: vocConvention.default(DEVKIT),
      operationId,
    }),
  ).returns<EvaluationReport>(),
  /** The last report of this run and split, or null. */
  'evaluation.last': channel(z.object({ runId })).returns<EvaluationReport | null>(),
  'detect.run': channel(z.object({ runId, images: z.array(droppedImage).min(1).max(500), operationId })).returns<
    readonly DetectedImage[]
  >(),
  'export.run': channel(
    z.object({
      runId,
      format: z.enum(EXPORT_FORMATS),
      /** Whose parameter names a PyTorch file gets; those natural to the network when left out. */
      names: z.enum(WRITTEN_LAYOUTS).optional(),
      path: z.string().min(1).max(4096),
      operationId,
    }),
  ).returns<ExportReport>(),
  'app.info': channel(z.void()).returns<{
    readonly version: string;
    readonly platform: string;
    readonly electron: string;
  }>(),
  'app.showInFolder': channel(z.object({ path: z.string().max(4096) })).returns<void>(),
} as const;
