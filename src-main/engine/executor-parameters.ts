/**
 * What a network's numbers are called and how they lie, whatever holds them: a flat array in main memory where the processor
 * computes (executor-parameters-host.ts), tensors where they never leave a GPU (executor-parameters-device.ts). Kernels are laid
 * out as TensorFlow does, [height, width, in, out].
 */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { ConvolutionLayer, NetworkDescription } from '@core/network/description';
import { elements, type Parameter, parameters } from '@core/network/parameters';

/** A weight as files hold it: PyTorch's name and layout, kernels [out, in, height, width]. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface ParameterEntry {
  readonly parameter: Parameter;
  /** Where it stands among all numbers of the network, trainable ones first. */
  readonly offset: number;
  readonly size: number;
  /** [height, width, in, out], depthwise [height, width, channels, 1]; all else as the parameter's. */
  readonly shape: readonly number[];
  readonly depthwise: boolean;
}

/** The numbers of a model, in main memory or on its engine's device. */
export interface Parameters {
  readonly table: ParameterTable;
  /** The current numbers of a parameter; the store disposes of it. Not to be held across a change of the numbers. */
  tensor<R extends Tensor>(name: string): R;
  /** running += momentum · (batch - running). Takes `batch` over. */
  moveTowards(name: string, momentum: number, batch: Tensor1D): void;
  read(): NamedTensor[] | Promise<NamedTensor[]>;
  /** Every parameter must be there with its shape; names the network does not have are refused. Throws RangeError. */
  write(weights: readonly NamedTensor[]): void;
  dispose(): void;
}

/** The parameters of a network, trainable ones first: they take the places [0, trainable). */
export class ParameterTable {
  readonly entries: readonly ParameterEntry[];
  /** How many numbers are trainable, and how many there are. */
  readonly trainable: number;
  readonly total: number;
  private readonly byName: ReadonlyMap<string, ParameterEntry>;

  constructor(readonly description: NetworkDescription) {
    const layers = new Map(description.layers.map((layer) => [layer.name, layer]));
    const all = parameters(description);
    const ordered = [...all.filter((p) => p.trainable), ...all.filter((p) => !p.trainable)];
    let offset = 0;
    this.entries = ordered.map((parameter) => {
      const size = elements(parameter.shape);
      const depthwise = parameter.kind === 'kernel' && (layers.get(parameter.layer) as ConvolutionLayer).depthwise;
      const entry = { parameter, offset, size, depthwise, shape: tensorShape(parameter, depthwise) };
      offset += size;
      return entry;
    });
    this.total = offset;
    this.trainable = this.learning.reduce((sum, { size }) => sum + size, 0);
    this.byName = new Map(this.entries.map((entry) => [entry.parameter.name, entry]));
  }

  /** The trainable ones. */
  get learning(): readonly ParameterEntry[] {
    return this.entries.filter(({ parameter }) => parameter.trainable);
  }

  entry(name: string): ParameterEntry {
    const entry = this.byName.get(name);
    if (!entry) throw new RangeError(`the network has no parameter ${name}`);
    return entry;
  }

  /** Pairs each given weight with its entry. Throws RangeError where one is missing, unknown or has another shape. */
  fit(weights: readonly NamedTensor[]): [ParameterEntry, Float32Array][] {
    const given = new Set(weights.map(({ name }) => name));
    const missing = this.entries.find(({ parameter }) => !given.has(parameter.name));
    if (missing) throw new RangeError(`weights are missing for ${missing.parameter.name}`);
    return weights.map(({ name, shape, values }) => {
      const entry = this.entry(name);
      if (shape.join() !== entry.parameter.shape.join() || values.length !== entry.size) {
        throw new RangeError(`${name} has the shape [${shape}], the network needs [${entry.parameter.shape}]`);
      }
      return [entry, values];
    });
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
