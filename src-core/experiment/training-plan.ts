/** What a training will take, known before it begins. */
import { frozenLayers } from '../network/frozen';
import { type ExecutionKind, trainingMemory } from '../network/memory';
import { elements, parameters } from '../network/parameters';
import { countBoxes } from '../network/shapes';
import { buildNetwork } from '../network/zoo';
import { boxesPerCell } from '../priors/configuration';
import { type EngineId, OPEN_ENDED_STEPS, type RunConfiguration } from './run';

export interface PlanFacts {
  /** Of the project, without background. */
  readonly classes: number;
  readonly trainImages: number;
  /** What will compute. */
  readonly engine: EngineId;
  /** Of main memory. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface TrainingPlan extends PlanFacts {
  readonly boxes: number;
  readonly parameters: number;
  /** Times through the pictures; null where the minutes decide. */
  readonly epochs: number | null;
  /** Of one checkpoint on disk; up to three are kept, the best one's without the optimiser. */
  readonly checkpointBytes: number;
  /** At most, about. */
  readonly memory: {
    readonly mainBytes: number;
    /** Of a GPU; null on the processor. */
    readonly deviceBytes: number | null;
    /** Of either: the feature maps kept for the backward pass. */
    readonly mapBytes: number;
    /** Main memory is enough as far as it is free now. */
    readonly fits: boolean;
    /** The largest batch that fits, where this one does not; null where none does. */
    readonly fittingBatch: number | null;
  };
}

const EXECUTION: Readonly<Record<EngineId, ExecutionKind>> = {
  tensorflow: 'recorded',
  wasm: 'composed',
  cuda: 'resident',
  webgpu: 'resident',
};

/** Node, the engine's library and the picture decoder, before anything is trained: what is left of measured peaks of the process without the tensors. */
const PROCESS_BYTES = 500e6;
/** What the engine's own scratch space and the allocator add to the tensors: peaks of the process at batch 2 and 24 differ by 1.17 times what the tensors do. */
const OVERHEAD = 1.2;
/** The loader keeps pictures of up to so many times the input's sides. */
const PICTURE_DETAIL = 2;
const BYTES = 4;

/** A quarter of the memory at most, and 2 GB, for decoded pictures. */
export const pictureCacheBytes = (totalBytes: number): number => Math.min(2e9, totalBytes / 4);

/** Throws ShapeError where the input is too small for the network. */
export function planTraining(configuration: RunConfiguration, facts: PlanFacts): TrainingPlan {
  const { network, defaultBoxes, batchSize, steps } = configuration;
  const description = buildNetwork(network, facts.classes + 1, defaultBoxes.sources.map(boxesPerCell));
  const frozen = frozenLayers(description, configuration.frozen);
  const average = configuration.averageWeights > 0;
  const execution = EXECUTION[facts.engine];
  const onGpu = execution === 'resident';
  const { width, height } = description.input;
  const pictures = facts.trainImages * width * height * 3 * PICTURE_DETAIL ** 2;
  const beside = PROCESS_BYTES + Math.min(pictures, pictureCacheBytes(facts.totalBytes));
  const memoryOf = (batch: number) => trainingMemory({ description, batchSize: batch, execution, frozen, average });
  const mainBytes = (batch: number): number => {
    const { tensors, host, batches } = memoryOf(batch);
    return beside + host + batches + (onGpu ? 0 : OVERHEAD * tensors);
  };
  const fits = (batch: number): boolean => mainBytes(batch) <= facts.freeBytes;

  const all = parameters(description);
  const total = all.reduce((sum, { shape }) => sum + elements(shape), 0);
  const trainable = all.filter((p) => p.trainable).reduce((sum, { shape }) => sum + elements(shape), 0);
  const { tensors, maps } = memoryOf(batchSize);
  return {
    ...facts,
    boxes: countBoxes(description),
    parameters: trainable,
    epochs: steps >= OPEN_ENDED_STEPS || facts.trainImages === 0 ? null : (steps * batchSize) / facts.trainImages,
    checkpointBytes: BYTES * (total + trainable + (average ? total : 0)),
    memory: {
      mainBytes: mainBytes(batchSize),
      deviceBytes: onGpu ? OVERHEAD * tensors : null,
      mapBytes: maps,
      fits: fits(batchSize),
      fittingBatch: fits(batchSize) ? null : largest(batchSize, fits),
    },
  };
}

/** The largest number below `bound` that fits, where smaller ones fit if it does; null when not even 1 does. */
function largest(bound: number, fits: (value: number) => boolean): number | null {
  let [low, high] = [0, bound];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low === 0 ? null : low;
}
