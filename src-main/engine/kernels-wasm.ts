/**
 * Kernels that tfjs's wasm backend lacks or computes wrong, in plain TypeScript through tfjs's kernel registry.
 * They take explicit padding, unlike tfjs's own. Other missing gradients are compositions (kernels-portable.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';

type Shape4D = [number, number, number, number];

interface BackpropAttributes {
  readonly strides: number;
  readonly pad: 'same' | 'valid' | tf.backend_util.ExplicitPadding;
  readonly dilations: number;
}

const depthwiseInputGradient: KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const dy = inputs.dy as Tensor4D;
    const filter = inputs.filter as Tensor4D;
    const { strides, pad, dilations, inputShape } = attrs as unknown as BackpropAttributes & { inputShape: Shape4D };
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

/** tfjs 4.22's own gives wrong gradients where windows overlap. The first largest value of a window takes its gradient. */
const maxPoolGradient: KernelConfig = {
  kernelName: tf.MaxPoolGrad,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const input = inputs.input as Tensor4D;
    const { filterSize, strides, pad } = attrs as unknown as {
      filterSize: number;
      strides: number;
      pad: 'same' | 'valid';
    };
    const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad);
    const reader = backend as tf.KernelBackend;
    const values = scatterToLargest(
      reader.readSync((inputs.dy as Tensor4D).dataId) as Float32Array,
      reader.readSync(input.dataId) as Float32Array,
      info,
    );
    return { dataId: reader.write(values, input.shape, 'float32'), shape: input.shape, dtype: 'float32' };
  },
};

function scatterToLargest(dy: Float32Array, input: Float32Array, info: tf.backend_util.Conv2DInfo): Float32Array {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth, padInfo } = info;
  const dx = new Float32Array(input.length);
  for (let n = 0; n < batchSize; n++) {
    for (let y = 0; y < outHeight; y++) {
      const top = y * info.strideHeight - padInfo.top;
      for (let x = 0; x < outWidth; x++) {
        const left = x * info.strideWidth - padInfo.left;
        for (let c = 0; c < channels; c++) {
          let largest = -1;
          for (let row = Math.max(0, top); row < Math.min(inHeight, top + info.filterHeight); row++) {
            for (let column = Math.max(0, left); column < Math.min(inWidth, left + info.filterWidth); column++) {
              const at = ((n * inHeight + row) * inWidth + column) * channels + c;
              if (largest < 0 || input[at] > input[largest]) largest = at;
            }
          }
          dx[largest] += dy[((n * outHeight + y) * outWidth + x) * channels + c];
        }
      }
    }
  }
  return dx;
}

/** dw[i, j, ...] from the pixel of x and the one of dy that meet at tap (i, j); `accumulate` gets both positions and the tap. */
function overTaps(info: tf.backend_util.Conv2DInfo, accumulate: (x: number, dy: number, tap: number) => void): void {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, padInfo } = info;
  for (let n = 0; n < batchSize; n++) {
    for (let y = 0; y < outHeight; y++) {
      for (let i = 0; i < info.filterHeight; i++) {
        const row = y * info.strideHeight + i * info.dilationHeight - padInfo.top;
        if (row < 0 || row >= inHeight) continue;
        for (let x = 0; x < outWidth; x++) {
          const dy = (n * outHeight + y) * outWidth + x;
          for (let j = 0; j < info.filterWidth; j++) {
            const column = x * info.strideWidth + j * info.dilationWidth - padInfo.left;
            if (column < 0 || column >= inWidth) continue;
            accumulate((n * inHeight + row) * inWidth + column, dy, i * info.filterWidth + j);
          }
        }
      }
    }
  }
}

const kernelGradient = (depthwise: boolean): KernelConfig => ({
  kernelName: depthwise ? tf.DepthwiseConv2dNativeBackpropFilter : tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc({ inputs, attrs, backend }) {
    const [x, dy] = [inputs.x as Tensor4D, inputs.dy as Tensor4D];
    const { strides, pad, dilations, filterShape } = attrs as unknown as BackpropAttributes & { filterShape: Shape4D };
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, dilations, pad, undefined, depthwise);
    const reader = backend as tf.KernelBackend;
    const from = reader.readSync(x.dataId) as Float32Array;
    const gradient = reader.readSync(dy.dataId) as Float32Array;
    const values = new Float32Array(filterShape[0] * filterShape[1] * filterShape[2] * filterShape[3]);
    const [channels, filters] = [info.inChannels, dy.shape[3]];
    overTaps(
      info,
      depthwise
        ? (pixel, out, tap) => {
            for (let c = 0; c < channels; c++) {
              values[tap * channels + c] += from[pixel * channels + c] * gradient[out * channels + c];
            }
          }
        : (pixel, out, tap) => {
            for (let c = 0; c < channels; c++) {
              const value = from[pixel * channels + c];
              const at = (tap * channels + c) * filters;
              for (let f = 0; f < filters; f++) values[at + f] += value * gradient[out * filters + f];
            }
          },
    );
    return { dataId: reader.write(values, filterShape, 'float32'), shape: filterShape, dtype: 'float32' };
  },
});

let registered = false;

/** Call after the wasm backend is registered; further calls do nothing. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  tf.registerKernel(depthwiseInputGradient);
  tf.registerKernel(kernelGradient(true));
  tf.registerKernel(kernelGradient(false));
  tf.unregisterKernel(tf.MaxPoolGrad, 'wasm');
  tf.registerKernel(maxPoolGradient);
}
