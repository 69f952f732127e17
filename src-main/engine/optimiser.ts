/**
 * Stochastic gradient descent with momentum as SSD trains (SPEC.md 7): decay on kernels only, and Caffe's options. Where the
 * parameters live it is computed: optimiser-host.ts, optimiser-device.ts.
 */
import type { Parameter } from '@core/network/parameters';
import type { NamedTensor, ParameterEntry } from './executor-parameters';
import type { Gradients } from './gradients';

export interface OptimiserOptions {
  readonly momentum: number;
  /** L2, added to the gradient of convolution kernels; biases, batch norms and L2 scales have none. */
  readonly weightDecay: number;
  /** Decays every parameter, as torchvision and the PyTorch ports do. Default false. */
  readonly decayBiases?: boolean;
  /** Of convolution biases; 2 is Caffe's. Default 1. */
  readonly biasLearningRate?: number;
  /** A gradient longer than this is shortened to it; 0 or absent: never. */
  readonly clipNorm?: number;
}

export interface Optimiser {
  /** What `update` learns from: the backward pass writes there. */
  readonly gradients: Gradients;
  /**
   * v = momentum·v + g + decay·w; w -= rate·v (PyTorch's form), then the gradients are cleared. Returns their norm before
   * clipping. Gradients that are not finite leave the weights as they are.
   */
  update(learningRate: number): number | Promise<number>;
  /** The velocities under their parameters' names and in their layout: with the weights, all that a resumed run needs. */
  readState(): NamedTensor[] | Promise<NamedTensor[]>;
  /** Throws RangeError when a velocity is missing or has another shape. */
  writeState(state: readonly NamedTensor[]): void;
  /** As before the first step. */
  reset(): void;
  dispose(): void;
}

/** What of the rule is a parameter's own. */
export interface ParameterRule {
  readonly decay: number;
  readonly rate: number;
}

export function ruleOf({ kind }: Parameter, options: OptimiserOptions, learningRate: number): ParameterRule {
  const { weightDecay, decayBiases = false, biasLearningRate = 1 } = options;
  return {
    decay: decayBiases || kind === 'kernel' ? weightDecay : 0,
    rate: kind === 'bias' ? learningRate * biasLearningRate : learningRate,
  };
}

/** What gradients of this norm are multiplied by. */
export function clipScale(norm: number, { clipNorm = 0 }: OptimiserOptions): number {
  return clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
}

/** Pairs each velocity with its parameter. Throws RangeError when one is missing or has another shape. */
export function fitState(
  entries: readonly ParameterEntry[],
  state: readonly NamedTensor[],
): [ParameterEntry, Float32Array][] {
  const given = new Map(state.map((tensor) => [tensor.name, tensor.values]));
  return entries.map((entry) => {
    const values = given.get(entry.parameter.name);
    if (values?.length !== entry.size) {
      throw new RangeError(`the optimiser's state does not fit ${entry.parameter.name}`);
    }
    return [entry, values];
  });
}
