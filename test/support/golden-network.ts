/** Weights, inputs and expected tensors of the golden files (shared/golden/README.md). */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@core/network/description';
import { elements, type Parameter, parameters } from '@core/network/parameters';
import type { Engine } from '../../src-main/engine/engines';
import type { NamedTensor } from '../../src-main/engine/executor-parameters';
import { type FidelityTable, recordFidelity } from './fidelity';
import { goldenTensor } from './golden-random';

/** A large tensor as a golden file gives it. */
export interface Summary {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly absSum: number;
  readonly samples: readonly (readonly [index: number, value: number])[];
}

export interface GoldenForward {
  readonly seed: number;
  readonly model: string;
  readonly input: {
    readonly name: string;
    readonly shape: readonly [number, number, number, number];
    readonly range: readonly [number, number];
  };
  readonly loc: Summary;
  readonly conf: Summary;
}

function rangeOf({ kind, name, shape }: Parameter): readonly [number, number] {
  const limit = Math.sqrt(6 / (shape[1] * shape[2] * shape[3]));
  switch (kind) {
    case 'kernel':
      return [-limit, limit];
    case 'scale':
      return [19, 21];
    case 'runningMean':
      return [-0.1, 0.1];
    case 'runningVariance':
      return [0.8, 1.2];
    case 'batchNorm':
      return name.endsWith('.weight') ? [0.9, 1.1] : [-0.05, 0.05];
    case 'bias':
      return [-0.05, 0.05];
  }
}

/** @param nameInReference our parameter's name in the reference model, from which its values are generated */
export function goldenWeights(
  description: NetworkDescription,
  seed: number,
  nameInReference: (name: string) => string = (name) => name,
): NamedTensor[] {
  return parameters(description).map((parameter) => {
    const { name, shape } = parameter;
    const [low, high] = rangeOf(parameter);
    return { name, shape, values: goldenTensor(nameInReference(name), elements(shape), low, high, seed) };
  });
}

/** The generated input, which the file describes as NCHW, as NHWC. */
export function goldenInput({ input, seed }: GoldenForward): Tensor4D {
  return tf.tidy(() => {
    const values = goldenTensor(input.name, elements(input.shape), input.range[0], input.range[1], seed);
    return tf.transpose(tf.tensor(values, [...input.shape]), [0, 2, 3, 1]) as Tensor4D;
  });
}

interface Compared {
  readonly table: FidelityTable;
  readonly subject: string;
  readonly source: string;
  /** Of the tensor: "offsets". */
  readonly what: string;
  readonly engine?: Engine;
}

/** Expects a tensor's samples to differ by at most `samples`, and its sums by the share `sums` of the sum of absolute values. */
export function compareWithSummary(
  compared: Compared,
  values: Float32Array,
  summary: Summary,
  tolerances = { samples: 2e-3, sums: 1e-3 },
): void {
  if (values.length !== elements(summary.shape)) {
    throw new RangeError(`${compared.what}: ${values.length} values, expected ${summary.shape.join(' x ')}`);
  }
  let [sum, absSum] = [0, 0];
  for (const value of values) {
    sum += value;
    absSum += Math.abs(value);
  }
  const { what } = compared;
  recordFidelity({
    ...compared,
    what: `${what}: sum of absolute values, and sum`,
    reference: summary.absSum,
    ours: absSum,
    largestDifference: Math.max(Math.abs(absSum - summary.absSum), Math.abs(sum - summary.sum)) / summary.absSum,
    tolerance: tolerances.sums,
    relative: true,
  });
  const differences = summary.samples.map(([index, expected]) => Math.abs(values[index] - expected));
  const [first, reference] = summary.samples[0];
  recordFidelity({
    ...compared,
    what: `${what}: ${summary.samples.length} samples (the first)`,
    reference,
    ours: values[first],
    largestDifference: differences.reduce((a, b) => Math.max(a, b)),
    tolerance: tolerances.samples,
  });
}
