/**
 * The kernels as single TensorFlow operations through tfjs-node's backend: no autodiff tape, one dispatch each (10 µs).
 *
 * On the CPU, oneDNN does well what it gets: SAME or VALID padding. EXPLICIT padding falls to Eigen, several times slower
 * backwards, and Eigen refuses dilated gradients. Hence: padding is named SAME wherever it is that; input gradients at
 * stride 1 are forward convolutions with the turned kernel; without a bias, convolutions with a 1x1 kernel are matrix
 * products. Where there is no oneDNN, kernel gradients of dilated convolutions go by matrix products or through
 * space-to-batch.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvolutionGeometry, Kernels, Padding, PoolGeometry, Shape4D } from './kernels';
import { convolutionPadding, poolPadding } from './kernels';
import {
  depthwiseKernelGradientByTaps,
  kernelGradientByTaps,
  portableKernels,
  transposedGeometry,
} from './kernels-portable';
import { oneDnnWorks } from './kernels-tensorflow-check';
import {
  adopt,
  type Attribute,
  attributesOf,
  executeRaw,
  idsOf,
  ONE_DNN,
  release,
  type TensorflowBackend,
} from './tensorflow-backend';

/** From so many output channels on, matrix products per tap beat space-to-batch for dilated kernel gradients (measured). */
const TAPS_FROM_FILTERS = 128;

export function tensorflowKernels(backend: TensorflowBackend): Kernels {
  const { binding, isUsingGpuDevice: gpu } = backend;
  /** Whether oneDNN's own operations exist: TensorFlow on x86. Found out below. */
  let hasOneDnn = !gpu;
  const { int, text, flag, real, type, convolution } = attributesOf(binding);
  const float = (name: string) => type(name, binding.TF_FLOAT);
  const T = float('T');
  const oneDnn = text('_kernel', ONE_DNN);
  const run = <R extends Tensor>(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]) =>
    backend.executeSingleOutput(name, attributes, inputs) as R;

  const convolutionAttributes = (padding: Padding, geometry: ConvolutionGeometry) => [
    T,
    ...convolution(padding, geometry),
  ];
  const attributesFor = (input: Shape4D, kernel: Shape4D, geometry: ConvolutionGeometry) =>
    convolutionAttributes(convolutionPadding(input, [kernel[0], kernel[1]], geometry), geometry);

  const withBias = (y: Tensor4D, bias: Tensor1D | null): Tensor4D => {
    if (!bias) return y;
    const sum = run<Tensor4D>('BiasAdd', [T, text('data_format', 'NHWC')], [y, bias]);
    y.dispose();
    return sum;
  };

  const batchNormAttributes = (epsilon: number, training: boolean) => [
    T,
    float('U'),
    real('epsilon', epsilon),
    text('data_format', 'NHWC'),
    flag('is_training', training),
  ];
  /** Outputs y, mean, variance and what the gradient needs. `statistics`: mean and variance to use, or null for the batch's. */
  const batchNorm = (
    [x, weight, bias]: readonly [Tensor4D, Tensor1D, Tensor1D],
    statistics: readonly [Tensor1D, Tensor1D] | null,
    epsilon: number,
    relu: boolean,
  ): Tensor[] => {
    const empty = tf.tensor1d([]);
    const inputs = [x, weight, bias, ...(statistics ?? [empty, empty])];
    const attributes = [...batchNormAttributes(epsilon, statistics === null), real('exponential_avg_factor', 1)];
    try {
      if (relu && hasOneDnn) {
        const joined = [...attributes, int('num_side_inputs', 0), text('activation_mode', 'Relu'), oneDnn];
        return backend.executeMultipleOutputs('_MklNativeFusedBatchNormEx', joined, inputs, 6);
      }
      const outputs = backend.executeMultipleOutputs('FusedBatchNormV3', attributes, inputs, 6);
      if (!relu) return outputs;
      const rectified = run('Relu', [T], [outputs[0]]);
      outputs[0].dispose();
      return [rectified, ...outputs.slice(1)];
    } finally {
      empty.dispose();
    }
  };

  /** Sizes as a tensor, which backward operations take; they are the same every step. */
  const sizes = new Map<string, Tensor1D>();
  const sizeTensor = (shape: Shape4D): Tensor1D => {
    const key = shape.join();
    const known = sizes.get(key);
    if (known) return known;
    const made = tf.keep(tf.tensor1d(shape, 'int32'));
    sizes.set(key, made);
    return made;
  };

  const padExplicitly = (x: Tensor4D, { vertical, horizontal }: Padding & { readonly kind: 'EXPLICIT' }): Tensor4D =>
    tf.pad(x, [[0, 0], [...vertical], [...horizontal], [0, 0]]);

  /** Undilated. Explicit padding is done first where Eigen would get it: three times faster for the first layer. */
  const kernelGradient = (x: Tensor4D, dy: Tensor4D, kernel: Shape4D, geometry: ConvolutionGeometry): Tensor4D => {
    const padding = convolutionPadding(x.shape, [kernel[0], kernel[1]], geometry);
    if (padding.kind !== 'EXPLICIT' || gpu) {
      const attributes = convolutionAttributes(padding, geometry);
      return run('Conv2DBackpropFilter', attributes, [x, sizeTensor(kernel), dy]);
    }
    const padded = padExplicitly(x, padding);
    const attributes = convolutionAttributes({ kind: 'VALID' }, geometry);
    const gradient = run<Tensor4D>('Conv2DBackpropFilter', attributes, [padded, sizeTensor(kernel), dy]);
    padded.dispose();
    return gradient;
  };

  /** Each phase of the dilation grid is an undilated convolution; phases become batch entries. */
  const kernelGradientBySpaceToBatch = (
    x: Tensor4D,
    dy: Tensor4D,
    kernel: Shape4D,
    { padding: [vertical, horizontal], dilation }: ConvolutionGeometry,
  ): Tensor4D =>
    tf.tidy(() => {
      const [height, width] = [dy.shape[1], dy.shape[2]];
      const rest = (size: number) => (dilation - (size % dilation)) % dilation;
      const [bottom, right] = [rest(height), rest(width)];
      const reach = (axis: 0 | 1) => (kernel[axis] - 1) * dilation;
      // Exactly what the padded dy reaches: VALID then gives back the kernel's own size.
      const padX = (size: number, output: number, before: number, after: number, axis: 0 | 1) =>
        [before, output + after + reach(axis) - size - before] as [number, number];
      const block = [dilation, dilation];
      const phasesX = tf.spaceToBatchND(x, block, [
        padX(x.shape[1], height, vertical, bottom, 0),
        padX(x.shape[2], width, horizontal, right, 1),
      ]) as Tensor4D;
      const phasesDy = tf.spaceToBatchND(dy, block, [
        [0, bottom],
        [0, right],
      ]) as Tensor4D;
      const attributes = convolutionAttributes({ kind: 'VALID' }, { stride: 1, padding: [0, 0], dilation: 1 });
      return run<Tensor4D>('Conv2DBackpropFilter', attributes, [phasesX, sizeTensor(kernel), phasesDy]);
    });

  /** Of oneDNN: ten times faster than TensorFlow's own. The forward pass is repeated for the places of the largest values. */
  const pooledGradient = (dy: Tensor4D, x: Tensor4D, geometry: PoolGeometry, padding: 'SAME' | 'VALID'): Tensor4D => {
    const attributes = [
      T,
      int('ksize', [1, geometry.kernel, geometry.kernel, 1]),
      int('strides', [1, geometry.stride, geometry.stride, 1]),
      text('padding', padding),
      text('data_format', 'NHWC'),
      flag('workspace_enabled', true),
      oneDnn,
    ];
    const [pooled, places] = executeRaw(backend, '_MklNativeMaxPool', attributes, idsOf(backend, [x]), 2);
    const inputs = [...idsOf(backend, [x]), pooled.id, ...idsOf(backend, [dy]), places.id];
    try {
      return adopt(backend, executeRaw(backend, '_MklNativeMaxPoolGrad', attributes, inputs, 1)[0]);
    } finally {
      release(backend, [pooled, places]);
    }
  };

  const isPointwise = (kernel: Shape4D, { stride }: ConvolutionGeometry) =>
    kernel[0] === 1 && kernel[1] === 1 && stride === 1;
  /** x [N, h, w, a] times a kernel [1, 1, in, out], transposed where its outputs are the a. */
  const pointwiseProduct = (x: Tensor4D, kernel: Tensor4D, transposed: boolean): Tensor4D =>
    tf.tidy(() => {
      const [from, to] = kernel.shape.slice(2);
      const rows = tf.reshape(x, [-1, x.shape[3]]);
      const attributes = [T, flag('transpose_a', false), flag('transpose_b', transposed)];
      const product = run('MatMul', attributes, [rows, tf.reshape(kernel, [from, to])]);
      return tf.reshape(product, [x.shape[0], x.shape[1], x.shape[2], transposed ? from : to]);
    });

  const kernels: Kernels = {
    ...portableKernels,

    convolution(x, kernel, bias, geometry) {
      if (!bias && !gpu && isPointwise(kernel.shape, geometry)) return pointwiseProduct(x, kernel, false);
      const attributes = attributesFor(x.shape, kernel.shape, geometry);
      return bias && hasOneDnn
        ? run('_MklNativeConv2DWithBias', [...attributes, oneDnn], [x, kernel, bias])
        : withBias(run('Conv2D', attributes, [x, kernel]), bias);
    },

    convolutionInputGradient(dy, kernel, input, geometry) {
      if (!gpu && isPointwise(kernel.shape, geometry)) return pointwiseProduct(dy, kernel, true);
      if (geometry.stride === 1 && !gpu) {
        return tf.tidy(() => {
          const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
          const reversed = transposedGeometry([kernel.shape[0], kernel.shape[1]], geometry);
          return kernels.convolution(dy, turned, null, reversed);
        });
      }
      const attributes = attributesFor(input, kernel.shape, geometry);
      return run('Conv2DBackpropInput', attributes, [sizeTensor(input), kernel, dy]);
    },

    convolutionKernelGradient(x, dy, kernel, geometry) {
      if (isPointwise(kernel, geometry)) {
        return tf.tidy(() => {
          const rows = tf.reshape(x, [-1, kernel[2]]) as Tensor2D;
          return tf.reshape(
            kernels.outerProduct(rows, tf.reshape(dy, [-1, kernel[3]]) as Tensor2D),
            kernel,
          ) as Tensor4D;
        });
      }
      const named = convolutionPadding(x.shape, [kernel[0], kernel[1]], geometry).kind !== 'EXPLICIT';
      if (geometry.dilation === 1 || gpu || (hasOneDnn && named)) return kernelGradient(x, dy, kernel, geometry);
      return kernel[3] >= TAPS_FROM_FILTERS || geometry.stride !== 1
        ? kernelGradientByTaps(x, dy, kernel, geometry, kernels.outerProduct)
        : kernelGradientBySpaceToBatch(x, dy, kernel, geometry);
    },

    depthwise(x, kernel, bias, geometry) {
      const padding = convolutionPadding(x.shape, [kernel.shape[0], kernel.shape[1]], geometry);
      if (padding.kind !== 'EXPLICIT' || gpu) {
        const attributes = convolutionAttributes(padding, geometry);
        return withBias(run('DepthwiseConv2dNative', attributes, [x, kernel]), bias);
      }
      // A graph's optimiser joins the bias and forgets the padding.
      const padded = padExplicitly(x, padding);
      const attributes = convolutionAttributes({ kind: 'VALID' }, geometry);
      const y = run<Tensor4D>('DepthwiseConv2dNative', attributes, [padded, kernel]);
      padded.dispose();
      return withBias(y, bias);
    },

    depthwiseInputGradient(dy, kernel, input, geometry) {
      const padding = convolutionPadding(input, [kernel.shape[0], kernel.shape[1]], geometry);
      if (geometry.dilation !== 1 || (padding.kind === 'EXPLICIT' && !gpu)) {
        return portableKernels.depthwiseInputGradient.call(kernels, dy, kernel, input, geometry);
      }
      const attributes = attributesFor(input, kernel.shape, geometry);
      return run('DepthwiseConv2dNativeBackpropInput', attributes, [sizeTensor(input), kernel, dy]);
    },

    depthwiseKernelGradient(x, dy, kernel, geometry) {
      if (geometry.dilation !== 1 && !gpu) return depthwiseKernelGradientByTaps(x, dy, kernel, geometry);
      const attributes = attributesFor(x.shape, kernel, geometry);
      return run('DepthwiseConv2dNativeBackpropFilter', attributes, [x, sizeTensor(kernel), dy]);
    },

    biasGradient: (dy) => run('BiasAddGrad', [T, text('data_format', 'NHWC')], [dy]),

    batchNormTraining(x, weight, bias, epsilon, relu) {
      const [output, mean, variance, ...saved] = batchNorm([x, weight, bias], null, epsilon, relu);
      return { output: output as Tensor4D, mean: mean as Tensor1D, variance: variance as Tensor1D, saved };
    },

    batchNormPrediction(x, weight, bias, mean, variance, epsilon, relu) {
      const [output, ...unused] = batchNorm([x, weight, bias], [mean, variance], epsilon, relu);
      tf.dispose(unused);
      return output as Tensor4D;
    },

    batchNormGradient(dy, x, weight, epsilon, saved) {
      const inputs = [dy, x, weight, ...saved];
      const outputs = backend.executeMultipleOutputs(
        'FusedBatchNormGradV3',
        batchNormAttributes(epsilon, true),
        inputs,
        5,
      );
      outputs.slice(3).forEach((unused) => unused.dispose());
      return { input: outputs[0] as Tensor4D, weight: outputs[1] as Tensor1D, bias: outputs[2] as Tensor1D };
    },

    activationGradient(dy, x, kind) {
      if (kind === 'relu') return run('ReluGrad', [T], [dy, x]);
      if (kind === 'relu6') return run('Relu6Grad', [T], [dy, x]);
      return portableKernels.activationGradient(dy, x, kind);
    },

    maxPoolGradient(dy, x, y, geometry) {
      const { kind } = poolPadding(x.shape, geometry);
      return hasOneDnn && kind !== 'EXPLICIT'
        ? pooledGradient(dy, x, geometry, kind)
        : portableKernels.maxPoolGradient(dy, x, y, geometry);
    },

    outerProduct: (x, dy) => run('MatMul', [T, flag('transpose_a', true), flag('transpose_b', false)], [x, dy]),
  };
  hasOneDnn = hasOneDnn && oneDnnWorks(kernels);
  return kernels;
}
