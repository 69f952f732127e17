/**
 * What a network needs computed, forward and backward, as one interface: an engine supplies it (kernels-tensorflow.ts for
 * TensorFlow, kernels-portable.ts for any other tfjs backend). Activations are NHWC; kernels are [height, width, in, out],
 * depthwise [height, width, channels, 1]. Returned tensors are the caller's to dispose.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ActivationLayer, Pair } from '@core/network/description';
import { pooledSize } from '@core/network/shapes';

export interface ConvolutionGeometry {
  readonly stride: number;
  /** Zeros on each side [vertical, horizontal], PyTorch's sense. */
  readonly padding: Pair;
  readonly dilation: number;
}

export interface PoolGeometry {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly ceil: boolean;
}

export interface NormalisedBatch {
  readonly output: Tensor4D;
  /** Of this batch, the variance unbiased, as running statistics take it. */
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  /** What the gradient needs besides the input. */
  readonly saved: readonly Tensor[];
}

export interface BatchNormGradient {
  readonly input: Tensor4D;
  readonly weight: Tensor1D;
  readonly bias: Tensor1D;
}

export type ActivationKind = ActivationLayer['kind'];

/** v = momentum·v + scale·g + decay·w; w -= rate·v. */
export interface MomentumRule {
  readonly momentum: number;
  readonly scale: number;
  readonly decay: number;
  readonly rate: number;
}

/** What a training step on a device needs besides the layers. */
export interface LearningKernels {
  /** a + t·(b - a) */
  mix<T extends Tensor>(a: T, b: T, t: number): T;
  /** A scalar. */
  sumOfSquares(x: Tensor): Tensor;
  momentumStep(
    weight: Tensor,
    velocity: Tensor,
    gradient: Tensor,
    rule: MomentumRule,
  ): { readonly weight: Tensor; readonly velocity: Tensor };
  /**
   * Of class scores [N, P, C], offsets [N, P, 4] and their targets, labels [N, P] int32 and offsets [N, P, 4]: [2, N, P], the
   * cross entropy of each box with its label and the smooth L1 of its offsets (SPEC.md 5).
   */
  boxLosses(confidence: Tensor3D, localisation: Tensor3D, labels: Tensor2D, offsets: Tensor3D): Tensor3D;
  /** weights [N, P] · (softmax - one hot): the gradient of the weighted sum of cross entropies. */
  confidenceGradient(confidence: Tensor3D, labels: Tensor2D, weights: Tensor2D): Tensor3D;
  /** weights [N, P] · the derivative of smooth L1. */
  localisationGradient(localisation: Tensor3D, offsets: Tensor3D, weights: Tensor2D): Tensor3D;
}

export interface Kernels extends LearningKernels {
  convolution(x: Tensor4D, kernel: Tensor4D, bias: Tensor1D | null, geometry: ConvolutionGeometry): Tensor4D;
  convolutionInputGradient(dy: Tensor4D, kernel: Tensor4D, input: Shape4D, geometry: ConvolutionGeometry): Tensor4D;
  convolutionKernelGradient(x: Tensor4D, dy: Tensor4D, kernel: Shape4D, geometry: ConvolutionGeometry): Tensor4D;
  depthwise(x: Tensor4D, kernel: Tensor4D, bias: Tensor1D | null, geometry: ConvolutionGeometry): Tensor4D;
  depthwiseInputGradient(dy: Tensor4D, kernel: Tensor4D, input: Shape4D, geometry: ConvolutionGeometry): Tensor4D;
  depthwiseKernelGradient(x: Tensor4D, dy: Tensor4D, kernel: Shape4D, geometry: ConvolutionGeometry): Tensor4D;
  biasGradient(dy: Tensor4D): Tensor1D;

  /** Normalises by the statistics of the batch; with `relu` the output is rectified. */
  batchNormTraining(x: Tensor4D, weight: Tensor1D, bias: Tensor1D, epsilon: number, relu: boolean): NormalisedBatch;
  /** Normalises by given statistics. */
  batchNormPrediction(
    x: Tensor4D,
    weight: Tensor1D,
    bias: Tensor1D,
    mean: Tensor1D,
    variance: Tensor1D,
    epsilon: number,
    relu: boolean,
  ): Tensor4D;
  /** `dy` is the gradient of the normalised output before any ReLU. */
  batchNormGradient(
    dy: Tensor4D,
    x: Tensor4D,
    weight: Tensor1D,
    epsilon: number,
    saved: readonly Tensor[],
  ): BatchNormGradient;

  activation(x: Tensor4D, kind: ActivationKind): Tensor4D;
  /** `x` is the input for hardSwish and hardSigmoid; for relu and relu6 input and output serve alike. */
  activationGradient(dy: Tensor4D, x: Tensor4D, kind: ActivationKind): Tensor4D;

  maxPool(x: Tensor4D, geometry: PoolGeometry): Tensor4D;
  maxPoolGradient(dy: Tensor4D, x: Tensor4D, y: Tensor4D, geometry: PoolGeometry): Tensor4D;

  /** x^T · dy, [rows, a] and [rows, b] to [a, b]. */
  outerProduct(x: Tensor2D, dy: Tensor2D): Tensor2D;
}

export type Shape4D = [number, number, number, number];

/** Padding as TensorFlow names it where it can, which is where its fast kernels are; else in pixels [before, after]. */
export type Padding =
  | { readonly kind: 'SAME' | 'VALID' }
  | { readonly kind: 'EXPLICIT'; readonly vertical: Pair; readonly horizontal: Pair };

/** The padding of one axis: what is read before and after the input, less what no window reaches. */
function axisPadding(input: number, extent: number, stride: number, padding: number, output: number) {
  const after = Math.max(0, (output - 1) * stride + extent - input - padding);
  const sameOutput = Math.ceil(input / stride);
  const sameTotal = Math.max(0, (sameOutput - 1) * stride + extent - input);
  return { pads: [padding, after] as const, same: sameOutput === output && Math.floor(sameTotal / 2) === padding };
}

export function convolutionPadding(input: Shape4D, kernel: Pair, geometry: ConvolutionGeometry): Padding {
  const axis = (size: number, i: 0 | 1) => {
    const extent = (kernel[i] - 1) * geometry.dilation + 1;
    const output = Math.floor((size + 2 * geometry.padding[i] - extent) / geometry.stride) + 1;
    return axisPadding(size, extent, geometry.stride, geometry.padding[i], output);
  };
  return joinAxes(axis(input[1], 0), axis(input[2], 1));
}

export function poolPadding(input: Shape4D, { kernel, stride, padding, ceil }: PoolGeometry): Padding {
  const axis = (size: number) =>
    axisPadding(size, kernel, stride, padding, pooledSize(size, kernel, stride, padding, ceil));
  return joinAxes(axis(input[1]), axis(input[2]));
}

type AxisPadding = ReturnType<typeof axisPadding>;

function joinAxes(vertical: AxisPadding, horizontal: AxisPadding): Padding {
  if ([...vertical.pads, ...horizontal.pads].every((pad) => pad === 0)) return { kind: 'VALID' };
  if (vertical.same && horizontal.same) return { kind: 'SAME' };
  return { kind: 'EXPLICIT', vertical: vertical.pads, horizontal: horizontal.pads };
}
