/**
 * A network's numbers. Their home is one flat Float32Array in main memory, kernels as TensorFlow lays them out
 * ([height, width, in, out]); tensors are copies made when an engine needs them. So an optimiser step is one plain loop,
 * which for small networks is far cheaper than hundreds of tensor operations.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ConvolutionLayer, Layer, NetworkDescription } from '@core/network/description';
import { elements, type Parameter, parameters } from '@core/network/parameters';
import { createGenerator } from './executor-random';

/** A weight as files hold it: PyTorch's name and layout, kernels [out, in, height, width]. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface ParameterEntry {
  readonly parameter: Parameter;
  readonly offset: number;
  readonly size: number;
  /** [height, width, in, out], depthwise [height, width, channels, 1]; all else as the parameter's. */
  readonly shape: readonly number[];
  readonly depthwise: boolean;
}

export class ParameterStore {
  readonly entries: readonly ParameterEntry[];
  /** Trainable parameters first, in [0, trainable). */
  readonly values: Float32Array;
  readonly trainable: number;
  private readonly byName: ReadonlyMap<string, ParameterEntry>;
  private readonly tensors = new Map<string, Tensor>();

  /** Fresh weights drawn from `seed`: convolutions by their initializer, batch norms 1 and 0, L2 scales as described. */
  constructor(description: NetworkDescription, seed: number) {
    const layers = new Map(description.layers.map((layer) => [layer.name, layer]));
    const all = parameters(description);
    const ordered = [...all.filter((p) => p.trainable), ...all.filter((p) => !p.trainable)];
    let offset = 0;
    this.entries = ordered.map((parameter) => {
      const size = elements(parameter.shape);
      const layer = layers.get(parameter.layer)!;
      const depthwise = parameter.kind === 'kernel' && (layer as ConvolutionLayer).depthwise;
      const entry = { parameter, offset, size, depthwise, shape: tensorShape(parameter, depthwise) };
      offset += size;
      return entry;
    });
    this.values = new Float32Array(offset);
    this.trainable = this.entries.reduce((sum, e) => sum + (e.parameter.trainable ? e.size : 0), 0);
    this.byName = new Map(this.entries.map((entry) => [entry.parameter.name, entry]));
    const random = createGenerator(seed);
    for (const entry of this.entries) initialise(this.view(entry), entry, layers.get(entry.parameter.layer)!, random);
  }

  entry(name: string): ParameterEntry {
    const entry = this.byName.get(name);
    if (!entry) throw new RangeError(`the network has no parameter ${name}`);
    return entry;
  }

  /** The numbers of one parameter, writable; call `changed` afterwards. */
  view(entry: ParameterEntry): Float32Array {
    return this.values.subarray(entry.offset, entry.offset + entry.size);
  }

  /** The parameter as a tensor of the current engine, kept until the numbers change. */
  tensor<R extends Tensor>(name: string): R {
    const known = this.tensors.get(name);
    if (known) return known as R;
    const entry = this.entry(name);
    const made = tf.keep(tf.tensor(this.view(entry), [...entry.shape], 'float32'));
    this.tensors.set(name, made);
    return made as R;
  }

  /** Tensors made so far are out of date. */
  changed(): void {
    this.tensors.forEach((tensor) => tensor.dispose());
    this.tensors.clear();
  }

  /** Like `changed`, for one parameter. */
  forget(name: string): void {
    this.tensors.get(name)?.dispose();
    this.tensors.delete(name);
  }

  read(): NamedTensor[] {
    return this.entries.map((entry) => ({
      name: entry.parameter.name,
      shape: entry.parameter.shape,
      values: toFileLayout(this.view(entry), entry),
    }));
  }

  /** Every parameter must be there with its shape; names the network does not have are refused. Throws RangeError. */
  write(weights: readonly NamedTensor[]): void {
    const given = new Map(weights.map((weight) => [weight.name, weight]));
    const missing = this.entries.filter((entry) => !given.has(entry.parameter.name));
    if (missing.length > 0) throw new RangeError(`weights are missing for ${missing[0].parameter.name}`);
    for (const weight of weights) {
      const entry = this.entry(weight.name);
      if (weight.shape.join() !== entry.parameter.shape.join() || weight.values.length !== entry.size) {
        throw new RangeError(
          `${weight.name} has the shape [${weight.shape}], the network needs [${entry.parameter.shape}]`,
        );
      }
      this.view(entry).set(fromFileLayout(weight.values, entry));
    }
    this.changed();
  }
}

function tensorShape({ kind, shape }: Parameter, depthwise: boolean): readonly number[] {
  if (kind !== 'kernel') return shape;
  const [out, input, height, width] = shape;
  return depthwise ? [height, width, out, 1] : [height, width, input, out];
}

type Layout = Pick<ParameterEntry, 'parameter'>;

/** [height·width, in·out] to [out, in, height·width], and back. Depthwise has in = 1 in files and out = 1 here. */
export function toFileLayout(values: Float32Array, entry: Layout): Float32Array {
  return relayout(values, entry, (file, tensor, from, to) => (to[file] = from[tensor]));
}

export function fromFileLayout(values: Float32Array, entry: Layout): Float32Array {
  return relayout(values, entry, (file, tensor, from, to) => (to[tensor] = from[file]));
}

function relayout(
  values: Float32Array,
  { parameter }: Layout,
  copy: (file: number, tensor: number, from: Float32Array, to: Float32Array) => void,
): Float32Array {
  if (parameter.kind !== 'kernel') return values.slice();
  const [out, input, height, width] = parameter.shape;
  const taps = height * width;
  const result = new Float32Array(values.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < input; i++) {
      for (let t = 0; t < taps; t++) copy((o * input + i) * taps + t, (t * input + i) * out + o, values, result);
    }
  }
  return result;
}

function initialise(
  values: Float32Array,
  { parameter }: ParameterEntry,
  layer: Layer,
  random: { uniform(): number; normal(): number },
): void {
  switch (parameter.kind) {
    case 'kernel': {
      const draw = kernelInitializer(layer as ConvolutionLayer, parameter.shape, random);
      for (let i = 0; i < values.length; i++) values[i] = draw();
      return;
    }
    case 'scale':
      values.fill(layer.op === 'l2Norm' ? layer.initialScale : 1);
      return;
    case 'batchNorm':
      values.fill(parameter.name.endsWith('.weight') ? 1 : 0);
      return;
    case 'runningVariance':
      values.fill(1);
      return;
    case 'bias':
    case 'runningMean':
      values.fill(0);
  }
}

/** Glorot and Bengio 2010; He et al. 2015 with fan-in; SSDLite's N(0, .03). */
function kernelInitializer(
  { initializer }: ConvolutionLayer,
  [out, input, height, width]: readonly number[],
  random: { uniform(): number; normal(): number },
): () => number {
  const fanIn = input * height * width;
  switch (initializer) {
    case 'xavierUniform': {
      const limit = Math.sqrt(6 / (fanIn + out * height * width));
      return () => limit * (2 * random.uniform() - 1);
    }
    case 'kaimingNormal':
      return () => Math.sqrt(2 / fanIn) * random.normal();
    case 'normal03':
      return () => 0.03 * random.normal();
  }
}
