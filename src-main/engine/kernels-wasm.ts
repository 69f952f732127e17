/**
 * Kernels that tfjs's wasm backend lacks, in plain TypeScript on the backend's own memory, through tfjs's kernel registry.
 * Only strided depthwise convolutions need one: every other missing gradient is a composition (kernels-portable.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';

type Shape4D = [number, number, number, number];

interface BackpropAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid';
  readonly dilations: number | [number, number];
  readonly inputShape: Shape4D;
}

const depthwiseInputGradient: KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const dy = inputs.dy as Tensor4D;
    const filter = inputs.filter as Tensor4D;
    const { strides, pad, dilations, inputShape } = attrs as unknown as BackpropAttributes;
    const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, dilations, pad, undefined, true);
    const reader = backend as tf.KernelBackend;
    const values = scatterDepthwise(
      reader.readSync(dy.dataId) as Float32Array,
      reader.readSync(filter.dataId) as Float32Array,
      info,
    );
    const dataId = reader.write(values, inputShape, 'float32');
    return { dataId, shape: inputShape, dtype: 'float32' } satisfies TensorInfo;
  },
};

/** dx[n, y·s + i·d - top, x·s + j·d - left, c] += dy[n, y, x, c] · kernel[i, j, c]. */
function scatterDepthwise(dy: Float32Array, kernel: Float32Array, info: tf.backend_util.Conv2DInfo): Float32Array {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth } = info;
  const dx = new Float32Array(batchSize * inHeight * inWidth * channels);
  for (let n = 0; n < batchSize; n++) {
    for (let y = 0; y < outHeight; y++) {
      for (let i = 0; i < info.filterHeight; i++) {
        const row = y * info.strideHeight + i * info.dilationHeight - info.padInfo.top;
        if (row < 0 || row >= inHeight) continue;
        for (let x = 0; x < outWidth; x++) {
          const from = ((n * outHeight + y) * outWidth + x) * channels;
          for (let j = 0; j < info.filterWidth; j++) {
            const column = x * info.strideWidth + j * info.dilationWidth - info.padInfo.left;
            if (column < 0 || column >= inWidth) continue;
            const to = ((n * inHeight + row) * inWidth + column) * channels;
            const tap = (i * info.filterWidth + j) * channels;
            for (let c = 0; c < channels; c++) dx[to + c] += dy[from + c] * kernel[tap + c];
          }
        }
      }
    }
  }
  return dx;
}

/** Call once, after the wasm backend is registered. */
export function registerMissingWasmKernels(): void {
  if (!tf.getKernel(tf.DepthwiseConv2dNativeBackpropInput, 'wasm')) tf.registerKernel(depthwiseInputGradient);
}
