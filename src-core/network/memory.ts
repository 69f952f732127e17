/**
 * The memory that a network takes while it trains and while it predicts, counted without running it: the tensors that the
 * executor holds at its fullest moment, and what stands beside them in main memory. 4 bytes a number.
 */
import type { Layer, NetworkDescription } from './description';
import { elements, parameters } from './parameters';
import { inputsOf, type Operation, planOf } from './plan';
import { countBoxes, inferShapes, type MapShape } from './shapes';

const BYTES = 4;

/**
 * How an engine computes, as far as memory goes. `recorded`: the first step keeps every map until its backward pass has been run
 * twice. `composed`: kernels made of several operations, whose intermediate results stand beside each other. `resident`: weights,
 * gradients and momentum are on the device. Batch norms, convolutions and pools are single operations but where it is `composed`.
 */
export type ExecutionKind = 'recorded' | 'composed' | 'resident';

export interface MemoryQuestion {
  readonly description: NetworkDescription;
  readonly batchSize: number;
  readonly execution: ExecutionKind;
  /** Layers that do not learn. */
  readonly frozen?: ReadonlySet<string>;
  /** An average of the weights is kept. */
  readonly average?: boolean;
}

/** Bytes, but for what the process and its libraries take by themselves. */
export interface TrainingMemory {
  /** On the engine at the fullest moment: weights, feature maps, gradients on their way, what kernels need meanwhile. */
  readonly tensors: number;
  /** Of the tensors, the feature maps that the forward pass keeps for the backward pass. */
  readonly maps: number;
  /** In main memory beside them: weights, gradients, momentum and average where the engine does not hold them. */
  readonly host: number;
  /** Batches in use, ready and being made, in main memory. */
  readonly batches: number;
}

/** A batch in use, the next one ready, one being made and one on its way. */
const BATCHES = 4;

/** Follows the executor's passes layer by layer and returns the fullest moment of a training step. */
export function trainingMemory(question: MemoryQuestion): TrainingMemory {
  const { description, batchSize, execution, frozen = new Set<string>(), average = false } = question;
  const { input } = description;
  const counts = parameters(description);
  const total = counts.reduce((sum, { shape }) => sum + elements(shape), 0);
  const trainable = counts.filter((p) => p.trainable).reduce((sum, { shape }) => sum + elements(shape), 0);
  const kept = average ? total : 0;
  const answers = batchSize * countBoxes(description) * (4 + description.classes);
  const images = batchSize * input.width * input.height * 3;

  const { maps, peak } = passes(question, frozen, answers);
  const onEngine = { recorded: 2 * total + trainable, composed: total, resident: total + 2 * trainable + kept };
  const beside = execution === 'resident' ? 0 : total + 2 * trainable + kept;
  const targets = batchSize * countBoxes(description) * 5;
  return {
    tensors: BYTES * (onEngine[execution] + images + peak),
    maps: BYTES * maps,
    host: BYTES * beside,
    batches: BYTES * BATCHES * (images + targets),
  };
}

/** Bytes of the tensors while a batch is predicted: weights, and the maps that later layers read, at their most. */
export function predictionMemory({
  description,
  batchSize,
  execution,
}: Pick<MemoryQuestion, 'description' | 'batchSize' | 'execution'>): number {
  const size = sizes(description, batchSize);
  const plan = planOf(description);
  const weights = parameters(description).reduce((sum, { shape }) => sum + elements(shape), 0);
  let live = size('input');
  let peak = 0;
  plan.operations.forEach(({ layer, relu, output }, i) => {
    const joined = layer.op === 'batchNorm' && execution !== 'composed';
    live += size(output);
    peak = Math.max(peak, live + (relu && !joined ? size(output) : 0));
    for (const name of plan.lastReads[i]) if (name !== 'input') live -= size(name);
  });
  return BYTES * (weights + peak + batchSize * countBoxes(description) * (4 + description.classes));
}

type SizeOf = (name: string) => number;

/** Numbers in a map of the whole batch, by layer. */
function sizes(description: NetworkDescription, batchSize: number): SizeOf {
  const shapes = inferShapes(description);
  return (name) => {
    const { height, width, channels } = shapes.get(name) as MapShape;
    return batchSize * height * width * channels;
  };
}

/** Numbers: the maps kept, and the most that both passes hold at once besides images and weights. */
function passes(
  { description, batchSize, execution }: MemoryQuestion,
  frozen: ReadonlySet<string>,
  answers: number,
): { maps: number; peak: number } {
  const size = sizes(description, batchSize);
  const plan = planOf(description);
  const composed = execution === 'composed';
  const learning = plan.operations.filter(({ layer }) => !frozen.has(layer.name));
  const read = new Set(learning.flatMap(({ layer }) => inputsOf(layer)));
  const still = new Set([
    'input',
    ...plan.operations.filter(({ layer }) => frozen.has(layer.name)).map((o) => o.output),
  ]);

  let live = 0;
  let peak = 0;
  const reach = (extra: number) => (peak = Math.max(peak, live + extra));
  plan.operations.forEach(({ layer, relu, output }, i) => {
    reach(size(output) + forwardWorkspace({ layer, relu, output }, size, composed && !frozen.has(layer.name)));
    live += size(output);
    for (const name of plan.lastReads[i])
      if (still.has(name) && name !== 'input' && !read.has(name)) live -= size(name);
  });
  const maps = live;
  // Outputs, and from here on their gradients.
  live += answers;
  reach(2 * answers);
  live += answers;

  const flowing = new Map(description.sources.flatMap((s) => [s.localisation, s.confidence]).map((name) => [name, 0]));
  for (const operation of [...plan.operations].reverse()) {
    const { layer, relu, output } = operation;
    if (flowing.has(output)) {
      const dy = size(output);
      if (relu) reach(dy * (composed ? 2 : 1));
      const inputs = inputsOf(layer).filter(
        (name) => !still.has(name) && !(layer.op === 'resize' && name === layer.like),
      );
      const given = inputs.reduce((sum, name) => sum + size(name), 0);
      reach(given + backwardWorkspace(operation, size, composed));
      for (const name of inputs) {
        // A map that several layers read gets the sum of their gradients.
        if (flowing.has(name)) reach(given + size(name));
        else {
          flowing.set(name, size(name));
          live += size(name);
        }
      }
      // The gradients of the heads are pieces of those of the outputs, which are counted.
      live -= flowing.get(output) ?? 0;
      flowing.delete(output);
    }
    if (execution !== 'recorded') live -= size(output);
  }
  return { maps, peak };
}

/** Numbers that stand beside a layer's output while it is computed. */
function forwardWorkspace({ layer, relu, output }: Operation, size: SizeOf, composed: boolean): number {
  const out = size(output);
  const before = relu ? out : 0;
  switch (layer.op) {
    case 'convolution':
      return Math.max(before, layer.bias && composed ? out : 0);
    case 'batchNorm':
      return composed ? 3 * out + before : 0;
    case 'activation':
      return layer.kind === 'hardSwish' ? 3 * out : layer.kind === 'hardSigmoid' ? 2 * out : 0;
    case 'l2Norm':
      return 2 * out;
    case 'scaledAdd':
      return (layer.scale === 1 ? 0 : out) + before;
    default:
      return 0;
  }
}

/** Numbers that stand beside the gradients while they are computed. */
function backwardWorkspace({ layer, output }: Operation, size: SizeOf, composed: boolean): number {
  const out = size(output);
  switch (layer.op) {
    case 'convolution':
      return composed ? tapsWorkspace(layer, size) : paddedInput(layer, size);
    case 'batchNorm':
      return composed ? 6 * out : 0;
    case 'activation':
      return layer.kind === 'hardSwish' ? 6 * out : composed || layer.kind === 'hardSigmoid' ? 2 * out : 0;
    case 'l2Norm':
      return 6 * out;
    case 'multiply':
      return out;
    default:
      return 0;
  }
}

type Convolution = Extract<Layer, { op: 'convolution' }>;

/** The padded input where the padding is not a single operation's own. */
function paddedInput({ input, stride, kernel }: Convolution, size: SizeOf): number {
  return stride !== 1 && kernel[0] > 1 ? size(input) : 0;
}

/** Kernel gradients as one matrix product per tap: the padded input, and what each tap reads of it. */
function tapsWorkspace({ input, stride, kernel, depthwise }: Convolution, size: SizeOf): number {
  return stride === 1 && !depthwise ? (1 + kernel[0] * kernel[1]) * size(input) : 0;
}
