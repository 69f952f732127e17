/**
 * Convolutions whose products are of bfloat16 numbers, for processors that compute those several times faster (AMX, AVX-512
 * BF16): the operands are rounded to 8 significant bits, sums are float32, the result is rounded once. Weights, activations
 * between layers, statistics, loss and update stay float32, as in mixed precision training (Micikevicius et al. 2018).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ConvolutionGeometry, Kernels, Padding, Shape4D } from './kernels';
import { convolutionPadding } from './kernels';
import {
  adopt,
  attributesOf,
  executeRaw,
  idsOf,
  ONE_DNN,
  type RawTensor,
  release,
  type TensorflowBackend,
} from './tensorflow-backend';

/** TensorFlow's number of the type; tfjs has no name for it. */
const BFLOAT16 = 14;

/** Multiplications per number read and written from which on rounding the operands costs less than it gains (measured). */
const WORTHWHILE = 100;

/** `base` for everything else, and for convolutions that gain nothing. Needs oneDNN. */
export function bfloat16Kernels(backend: TensorflowBackend, base: Kernels): Kernels {
  const { binding } = backend;
  const { text, flag, type, convolution: attributesFor } = attributesOf(binding);
  const T = type('T', BFLOAT16);
  const cast = (id: number, from: number, to: number): RawTensor => {
    const attributes = [type('SrcT', from), type('DstT', to), flag('Truncate', false)];
    return executeRaw(backend, 'Cast', attributes, [id], 1)[0];
  };
  /** The first result of an operation on `inputs`, of which the float32 ones are rounded. */
  const run = <R extends Tensor>(
    name: string,
    attributes: Parameters<typeof executeRaw>[2],
    inputs: readonly Tensor[],
  ): R => {
    const owned: RawTensor[] = [];
    try {
      const ids = idsOf(backend, inputs).map((id, i) => {
        if (inputs[i].dtype !== 'float32') return id;
        owned.push(cast(id, binding.TF_FLOAT, BFLOAT16));
        return owned[owned.length - 1].id;
      });
      const [result] = executeRaw(backend, name, [T, ...attributes], ids, 1);
      owned.push(result);
      return adopt<R>(backend, cast(result.id, BFLOAT16, binding.TF_FLOAT));
    } finally {
      release(backend, owned);
    }
  };
  const sized = <R extends Tensor>(shape: Shape4D, work: (size: Tensor) => R): R => {
    const size = tf.tensor1d(shape, 'int32');
    const result = work(size);
    size.dispose();
    return result;
  };
  const paddingOf = (input: Shape4D, kernel: Shape4D, geometry: ConvolutionGeometry): Padding =>
    convolutionPadding(input, [kernel[0], kernel[1]], geometry);

  return {
    ...base,

    convolution(x, kernel, bias, geometry) {
      if (!pays(kernel.shape)) return base.convolution(x, kernel, bias, geometry);
      const attributes = attributesFor(paddingOf(x.shape, kernel.shape, geometry), geometry);
      return bias
        ? run('_MklNativeConv2DWithBias', [...attributes, text('_kernel', ONE_DNN)], [x, kernel, bias])
        : run('Conv2D', attributes, [x, kernel]);
    },

    convolutionInputGradient(dy, kernel, input, geometry) {
      const padding = paddingOf(input, kernel.shape, geometry);
      if (!pays(kernel.shape) || padding.kind === 'EXPLICIT') {
        return base.convolutionInputGradient(dy, kernel, input, geometry);
      }
      return sized(input, (size) => run('Conv2DBackpropInput', attributesFor(padding, geometry), [size, kernel, dy]));
    },

    convolutionKernelGradient(x, dy, kernel, geometry) {
      const padding = paddingOf(x.shape, kernel, geometry);
      if (!pays(kernel) || padding.kind === 'EXPLICIT') return base.convolutionKernelGradient(x, dy, kernel, geometry);
      return sized(kernel, (size) => run('Conv2DBackpropFilter', attributesFor(padding, geometry), [x, size, dy]));
    },
  };
}

function pays([height, width, input, output]: Shape4D): boolean {
  return (height * width * input * output) / (input + output) >= WORTHWHILE;
}

/**
 * Whether this TensorFlow multiplies bfloat16 numbers, and how many times faster than float32 ones: a convolution like the
 * middle ones of VGG-16, some milliseconds each.
 */
export function bfloat16Speedup(rounded: Kernels, exact: Kernels): number {
  const geometry = { stride: 1, padding: [1, 1], dilation: 1 } as const;
  const x = tf.randomNormal<tf.Rank.R4>([1, 38, 38, 256], 0, 1, 'float32', 1);
  const kernel = tf.randomNormal<tf.Rank.R4>([3, 3, 256, 256], 0, 0.02, 'float32', 2);
  const bias = tf.zeros<tf.Rank.R1>([256]);
  const seconds = (kernels: Kernels) => {
    const times = [1, 2, 3].map(() => {
      const started = performance.now();
      kernels.convolution(x, kernel, bias, geometry).dispose();
      return performance.now() - started;
    });
    return Math.min(...times);
  };
  try {
    return seconds(exact) / seconds(rounded);
  } catch {
    return 0;
  } finally {
    tf.dispose([x, kernel, bias]);
  }
}
