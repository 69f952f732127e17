/**
 * The kernels in tfjs operations that every backend has, or that kernels-wasm.ts registers. Correct everywhere, fast nowhere
 * in particular: TensorFlow overrides what it does better (kernels-tensorflow.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvolutionGeometry, Kernels, Padding, PoolGeometry, Shape4D } from './kernels';
import { convolutionPadding, poolPadding } from './kernels';
import { learningKernels } from './kernels-learning';

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

function tfjsPadding(padding: Padding): 'same' | 'valid' | ExplicitPadding {
  if (padding.kind !== 'EXPLICIT') return padding.kind === 'SAME' ? 'same' : 'valid';
  return [[0, 0], [...padding.vertical], [...padding.horizontal], [0, 0]];
}

const pairOf = (kernel: Tensor4D | Shape4D): [number, number] => {
  const shape = Array.isArray(kernel) ? kernel : kernel.shape;
  return [shape[0], shape[1]];
};

/** Stride 1: the input gradient is a convolution of dy with the kernel turned by 180 degrees, in and out exchanged. */
export function transposedGeometry(
  kernel: readonly [number, number],
  geometry: ConvolutionGeometry,
): ConvolutionGeometry {
  const pad = (i: 0 | 1) => geometry.dilation * (kernel[i] - 1) - geometry.padding[i];
  return { stride: 1, dilation: geometry.dilation, padding: [pad(0), pad(1)] };
}

function zeroPadded(x: Tensor4D, { padding: [vertical, horizontal] }: ConvolutionGeometry): Tensor4D {
  return tf.pad(x, [
    [0, 0],
    [vertical, vertical],
    [horizontal, horizontal],
    [0, 0],
  ]) as Tensor4D;
}

/** x padded as the convolution reads it, cut for kernel tap (row, column): [N*outputs, channels]. */
function tap(padded: Tensor4D, dy: Tensor4D, row: number, column: number, geometry: ConvolutionGeometry): Tensor2D {
  const [batch, height, width] = dy.shape;
  const channels = padded.shape[3];
  const { stride, dilation } = geometry;
  const from = [0, row * dilation, column * dilation, 0];
  const cut =
    stride === 1
      ? tf.slice(padded, from, [batch, height, width, channels])
      : tf.stridedSlice(
          padded,
          from,
          [batch, from[1] + (height - 1) * stride + 1, from[2] + (width - 1) * stride + 1, channels],
          [1, stride, stride, 1],
        );
  return tf.reshape(cut, [-1, channels]) as Tensor2D;
}

/** The kernel gradient as one matrix product per tap: right for any stride and dilation, and fast where channels are many. */
export function kernelGradientByTaps(
  x: Tensor4D,
  dy: Tensor4D,
  kernel: Shape4D,
  geometry: ConvolutionGeometry,
  outerProduct: Kernels['outerProduct'],
): Tensor4D {
  return tf.tidy(() => {
    const padded = zeroPadded(x, geometry);
    const rows = tf.reshape(dy, [-1, kernel[3]]) as Tensor2D;
    const taps: Tensor2D[] = [];
    for (let i = 0; i < kernel[0]; i++) {
      for (let j = 0; j < kernel[1]; j++) {
        const cut = tap(padded, dy, i, j, geometry);
        taps.push(outerProduct(cut, rows));
        cut.dispose();
      }
    }
    return tf.reshape(tf.concat(taps, 0), kernel) as Tensor4D;
  });
}

export function depthwiseKernelGradientByTaps(
  x: Tensor4D,
  dy: Tensor4D,
  kernel: Shape4D,
  geometry: ConvolutionGeometry,
): Tensor4D {
  return tf.tidy(() => {
    const padded = zeroPadded(x, geometry);
    const rows = tf.reshape(dy, [-1, kernel[2]]) as Tensor2D;
    const taps: Tensor[] = [];
    for (let i = 0; i < kernel[0]; i++) {
      for (let j = 0; j < kernel[1]; j++) taps.push(tf.sum(tf.mul(tap(padded, dy, i, j, geometry), rows), 0));
    }
    return tf.reshape(tf.stack(taps), kernel) as Tensor4D;
  });
}

/** One of kernels-wasm.ts's, which know explicit padding. */
function backpropFilter(
  name: string,
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: Shape4D,
  geometry: ConvolutionGeometry,
): Tensor4D {
  const pad = tfjsPadding(convolutionPadding(x.shape, pairOf(filterShape), geometry));
  const { stride: strides, dilation: dilations } = geometry;
  return tf.engine().runKernel<Tensor4D>(name, { x, dy }, { strides, dilations, pad, filterShape });
}

const add = (y: Tensor4D, bias: Tensor1D | null): Tensor4D => {
  if (!bias) return y;
  const sum = tf.add(y, bias) as Tensor4D;
  y.dispose();
  return sum;
};

const BATCH_AXES = [0, 1, 2];

export const portableKernels: Kernels = {
  ...learningKernels,

  convolution(x, kernel, bias, geometry) {
    const pad = tfjsPadding(convolutionPadding(x.shape, pairOf(kernel), geometry));
    return add(tf.conv2d(x, kernel, geometry.stride, pad, 'NHWC', geometry.dilation), bias);
  },

  convolutionInputGradient(dy, kernel, input, geometry) {
    if (geometry.stride === 1) {
      return tf.tidy(() => {
        const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
        return this.convolution(dy, turned, null, transposedGeometry(pairOf(kernel), geometry));
      });
    }
    if (geometry.dilation !== 1) throw new Error('a convolution has stride or dilation, not both');
    return throughPadding(convolutionPadding(input, pairOf(kernel), geometry), input, (pad, inputShape) =>
      tf
        .engine()
        .runKernel<Tensor4D>(
          tf.Conv2DBackpropInput,
          { dy, filter: kernel },
          { strides: geometry.stride, pad, dataFormat: 'NHWC', inputShape },
        ),
    );
  },

  convolutionKernelGradient(x, dy, kernel, geometry) {
    if (geometry.stride !== 1) return backpropFilter(tf.Conv2DBackpropFilter, x, dy, kernel, geometry);
    return kernelGradientByTaps(x, dy, kernel, geometry, (a, b) => this.outerProduct(a, b));
  },

  depthwise(x, kernel, bias, geometry) {
    const pad = tfjsPadding(convolutionPadding(x.shape, pairOf(kernel), geometry));
    return add(tf.depthwiseConv2d(x, kernel, geometry.stride, pad, 'NHWC', geometry.dilation), bias);
  },

  depthwiseInputGradient(dy, kernel, input, geometry) {
    if (geometry.stride === 1) {
      return tf.tidy(() => {
        const turned = tf.reverse(kernel, [0, 1]);
        return this.depthwise(dy, turned, null, transposedGeometry(pairOf(kernel), geometry));
      });
    }
    return throughPadding(convolutionPadding(input, pairOf(kernel), geometry), input, (pad, inputShape) =>
      tf
        .engine()
        .runKernel<Tensor4D>(
          tf.DepthwiseConv2dNativeBackpropInput,
          { dy, filter: kernel },
          { strides: geometry.stride, pad, dilations: geometry.dilation, inputShape },
        ),
    );
  },

  depthwiseKernelGradient(x, dy, kernel, geometry) {
    return backpropFilter(tf.DepthwiseConv2dNativeBackpropFilter, x, dy, kernel, geometry);
  },

  biasGradient: (dy) => tf.sum(dy, BATCH_AXES),

  batchNormTraining(x, weight, bias, epsilon, relu) {
    const count = x.size / x.shape[3];
    const [output, mean, variance, inverse] = tf.tidy(() => {
      const mean = tf.mean(x, BATCH_AXES) as Tensor1D;
      const centred = tf.sub(x, mean);
      const biased = tf.mean(tf.square(centred), BATCH_AXES);
      const inverse = tf.rsqrt(tf.add(biased, epsilon)) as Tensor1D;
      const y = tf.add(tf.mul(centred, tf.mul(inverse, weight)), bias);
      const unbiased = tf.mul(biased, count / Math.max(1, count - 1)) as Tensor1D;
      return [relu ? tf.relu(y) : y, mean, unbiased, inverse] as [Tensor4D, Tensor1D, Tensor1D, Tensor1D];
    });
    return { output, mean, variance, saved: [tf.clone(mean), inverse] };
  },

  batchNormPrediction(x, weight, bias, mean, variance, epsilon, relu) {
    return tf.tidy(() => {
      const y = tf.batchNorm(x, mean, variance, bias, weight, epsilon);
      return relu ? tf.relu(y) : y;
    });
  },

  /** Ioffe and Szegedy 2015, with the normalised input x̂: dx = γ/σ (dy - mean(dy) - x̂ mean(dy x̂)). */
  batchNormGradient(dy, x, weight, _epsilon, [mean, inverse]) {
    const count = x.size / x.shape[3];
    const [input, weightGradient, bias] = tf.tidy(() => {
      const normalised = tf.mul(tf.sub(x, mean), inverse);
      const dBias = tf.sum(dy, BATCH_AXES) as Tensor1D;
      const dWeight = tf.sum(tf.mul(dy, normalised), BATCH_AXES) as Tensor1D;
      const centred = tf.sub(tf.sub(dy, tf.div(dBias, count)), tf.mul(normalised, tf.div(dWeight, count)));
      return [tf.mul(centred, tf.mul(weight, inverse)) as Tensor4D, dWeight, dBias];
    }) as [Tensor4D, Tensor1D, Tensor1D];
    return { input, weight: weightGradient, bias };
  },

  activation(x, kind) {
    switch (kind) {
      case 'relu':
        return tf.relu(x);
      case 'relu6':
        return tf.relu6(x);
      case 'hardSigmoid':
        return tf.tidy(() => tf.div(tf.relu6(tf.add(x, 3)), 6));
      case 'hardSwish':
        return tf.tidy(() => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)));
    }
  },

  activationGradient(dy, x, kind) {
    const between = (low: number, high: number) =>
      tf.cast(tf.logicalAnd(tf.greater(x, low), tf.less(x, high)), 'float32');
    return tf.tidy(() => {
      switch (kind) {
        case 'relu':
          return tf.mul(dy, tf.step(x));
        case 'relu6':
          return tf.mul(dy, between(0, 6));
        case 'hardSigmoid':
          return tf.mul(dy, tf.div(between(-3, 3), 6));
        case 'hardSwish': {
          const slope = tf.div(tf.relu6(tf.add(x, 3)), 6);
          return tf.mul(dy, tf.add(slope, tf.div(tf.mul(x, between(-3, 3)), 6)));
        }
      }
    });
  },

  maxPool(x, geometry) {
    return throughPool(x, geometry, (padded, pad) => tf.maxPool(padded, geometry.kernel, geometry.stride, pad));
  },

  maxPoolGradient(dy, x, y, geometry) {
    const padding = poolPadding(x.shape, geometry);
    return tf.tidy(() =>
      throughPadding(padding, x.shape, (pad) =>
        tf
          .engine()
          .runKernel<Tensor4D>(
            tf.MaxPoolGrad,
            { dy, input: padWithLowest(x, padding), output: y },
            { filterSize: geometry.kernel, strides: geometry.stride, pad },
          ),
      ),
    );
  },

  outerProduct: (x, dy) => tf.matMul(x, dy, true, false),
};

/** float32's most negative number: never the largest of a window. */
export const LOWEST = -3.4028234663852886e38;

function padWithLowest(x: Tensor4D, padding: Padding): Tensor4D {
  if (padding.kind !== 'EXPLICIT') return x;
  return tf.pad(x, [[0, 0], [...padding.vertical], [...padding.horizontal], [0, 0]], LOWEST) as Tensor4D;
}

function throughPool(
  x: Tensor4D,
  geometry: PoolGeometry,
  pool: (padded: Tensor4D, pad: 'same' | 'valid') => Tensor4D,
): Tensor4D {
  const padding = poolPadding(x.shape, geometry);
  return tf.tidy(() => pool(padWithLowest(x, padding), padding.kind === 'SAME' ? 'same' : 'valid'));
}

/** Gradient kernels know `same` and `valid` only: the gradient of the padded input is taken and its padding cut off. */
function throughPadding(
  padding: Padding,
  input: Shape4D,
  gradient: (pad: 'same' | 'valid', inputShape: Shape4D) => Tensor4D,
): Tensor4D {
  if (padding.kind !== 'EXPLICIT') return gradient(padding.kind === 'SAME' ? 'same' : 'valid', input);
  const [[top, bottom], [left, right]] = [padding.vertical, padding.horizontal];
  const [batch, height, width, channels] = input;
  // Windows may end before the input does, so the padded input is as large as the input at least.
  const padded: Shape4D = [batch, height + top + bottom, width + left + right, channels];
  return tf.tidy(() => tf.slice(gradient('valid', padded), [0, top, left, 0], input));
}
