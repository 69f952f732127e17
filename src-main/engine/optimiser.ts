/** Stochastic gradient descent with momentum as SSD trains (SPEC.md 7): decay on kernels only, and Caffe's options. */
import type { NamedTensor, ParameterEntry, ParameterStore } from './executor-parameters';
import { fromFileLayout, toFileLayout } from './executor-parameters';

export interface OptimiserOptions {
  readonly momentum: number;
  /** L2, added to the gradient of convolution kernels; biases, batch norms and L2 scales have none. */
  readonly weightDecay: number;
  /** Decays every parameter, as torchvision and the PyTorch ports do. Default false. */
  readonly decayAll?: boolean;
  /** Of convolution biases; 2 is Caffe's. Default 1. */
  readonly biasLearningRate?: number;
  /** A gradient longer than this is shortened to it; 0 or absent: never. */
  readonly clipNorm?: number;
}

export class Optimiser {
  private readonly velocity: Float32Array;

  constructor(
    private readonly parameters: ParameterStore,
    private readonly options: OptimiserOptions,
  ) {
    this.velocity = new Float32Array(parameters.trainable);
  }

  /** v = momentum·v + g + decay·w; w -= rate·v (PyTorch's form). Returns the gradient's norm before clipping. Numbers that are not finite leave the weights as they are. */
  update(gradients: Float32Array, learningRate: number): number {
    const norm = gradientNorm(gradients);
    if (!Number.isFinite(norm)) return norm;
    const { momentum, weightDecay, decayAll = false, biasLearningRate = 1, clipNorm = 0 } = this.options;
    const scale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
    const { values } = this.parameters;
    for (const { parameter, offset, size } of this.trainable()) {
      const decay = decayAll || parameter.kind === 'kernel' ? weightDecay : 0;
      const rate = parameter.kind === 'bias' ? learningRate * biasLearningRate : learningRate;
      for (let i = offset; i < offset + size; i++) {
        const velocity = momentum * this.velocity[i] + scale * gradients[i] + decay * values[i];
        this.velocity[i] = velocity;
        values[i] -= rate * velocity;
      }
    }
    this.parameters.changed();
    return norm;
  }

  /** The velocities under their parameters' names and in their layout: with the weights, all that a resumed run needs. */
  readState(): NamedTensor[] {
    return this.trainable().map((entry) => ({
      name: entry.parameter.name,
      shape: entry.parameter.shape,
      values: toFileLayout(this.view(entry), entry),
    }));
  }

  /** Throws RangeError when a velocity is missing or has another shape. */
  writeState(state: readonly NamedTensor[]): void {
    const given = new Map(state.map((tensor) => [tensor.name, tensor]));
    for (const entry of this.trainable()) {
      const tensor = given.get(entry.parameter.name);
      if (tensor?.values.length !== entry.size) {
        throw new RangeError(`the optimiser's state does not fit ${entry.parameter.name}`);
      }
      this.view(entry).set(fromFileLayout(tensor.values, entry));
    }
  }

  private trainable(): ParameterEntry[] {
    return this.parameters.entries.filter((entry) => entry.parameter.trainable);
  }

  private view({ offset, size }: ParameterEntry): Float32Array {
    return this.velocity.subarray(offset, offset + size);
  }
}

function gradientNorm(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) sum += gradients[i] * gradients[i];
  return Math.sqrt(sum);
}
