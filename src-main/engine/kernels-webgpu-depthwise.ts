/** Depthwise convolutions and their gradients, for any stride, padding and dilation: one thread a number, since memory is what they wait for. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from './kernels';
import { geometryUniforms, outputShape } from './kernels-webgpu-convolution';
import { runPerNumber } from './webgpu-program';
import { sumOverFirst } from './webgpu-product';

type DepthwiseKernels = Pick<Kernels, 'depthwise' | 'depthwiseInputGradient' | 'depthwiseKernelGradient'>;

/** WGSL: the picture, row, column and channel of `index` in a map. */
export const placeIn = (size: 'inputSize' | 'outputSize'): string => `
  let channels = uniforms.inputSize.w;
  let cell = index / channels;
  let channel = index - cell * channels;
  let line = cell / uniforms.${size}.z;
  let picture = line / uniforms.${size}.y;
  let row = line - picture * uniforms.${size}.y;
  let column = cell - line * uniforms.${size}.z;`;

/** Threads of a kernel gradient, each summing over its share of the outputs. */
const THREADS = 65536;

export const webGpuDepthwise: DepthwiseKernels = {
  depthwise(x, kernel, bias, geometry) {
    const output = outputShape(x.shape, kernel.shape, x.shape[3], geometry);
    return tf.tidy(() => {
      const y = runPerNumber<Tensor4D>({
        key: 'depthwise',
        inputs: { source: x, kernel },
        output,
        uniforms: geometryUniforms(x.shape, kernel.shape, output, geometry),
        prepare: `${placeIn('outputSize')}
          var total = 0.0;
          for (var i = 0; i < uniforms.window.x; i++) {
            let y = row * uniforms.window.z - uniforms.padding.x + i * uniforms.window.w;
            if (y < 0 || y >= uniforms.inputSize.y) { continue; }
            for (var j = 0; j < uniforms.window.y; j++) {
              let x = column * uniforms.window.z - uniforms.padding.y + j * uniforms.window.w;
              if (x < 0 || x >= uniforms.inputSize.z) { continue; }
              total += source[((picture * uniforms.inputSize.y + y) * uniforms.inputSize.z + x) * channels + channel]
                * kernel[(i * uniforms.window.y + j) * channels + channel];
            }
          }`,
        value: 'total',
      });
      return bias ? tf.add(y, bias) : y;
    }) as Tensor4D;
  },

  depthwiseInputGradient: (dy, kernel, input, geometry) =>
    runPerNumber<Tensor4D>({
      key: 'depthwise input gradient',
      inputs: { source: dy, kernel },
      output: input,
      uniforms: geometryUniforms(input, kernel.shape, dy.shape, geometry),
      prepare: `${placeIn('inputSize')}
        let stride = uniforms.window.z;
        var total = 0.0;
        for (var i = 0; i < uniforms.window.x; i++) {
          let down = row + uniforms.padding.x - i * uniforms.window.w;
          let y = down / stride;
          if (down < 0 || y * stride != down || y >= uniforms.outputSize.y) { continue; }
          for (var j = 0; j < uniforms.window.y; j++) {
            let across = column + uniforms.padding.y - j * uniforms.window.w;
            let x = across / stride;
            if (across < 0 || x * stride != across || x >= uniforms.outputSize.z) { continue; }
            total += source[((picture * uniforms.outputSize.y + y) * uniforms.outputSize.z + x) * channels + channel]
              * kernel[(i * uniforms.window.y + j) * channels + channel];
          }
        }`,
      value: 'total',
    }),

  depthwiseKernelGradient(x, dy, kernel, geometry) {
    const rows = dy.shape[0] * dy.shape[1] * dy.shape[2];
    const taps = kernel[0] * kernel[1] * kernel[2];
    const slices = Math.max(1, Math.min(Math.ceil(THREADS / taps), Math.ceil(rows / 32)));
    return tf.tidy(() => {
      const parts: Tensor = runPerNumber({
        key: 'depthwise kernel gradient',
        inputs: { source: x, gradient: dy },
        output: [slices, taps],
        uniforms: {
          ...geometryUniforms(x.shape, kernel, dy.shape, geometry),
          work: { vec4: [rows, Math.ceil(rows / slices), taps, 0] },
        },
        prepare: `
          let channels = uniforms.inputSize.w;
          let slice = index / uniforms.work.z;
          let tapChannel = index - slice * uniforms.work.z;
          let tap = tapChannel / channels;
          let channel = tapChannel - tap * channels;
          let i = tap / uniforms.window.y;
          let down = i * uniforms.window.w - uniforms.padding.x;
          let across = (tap - i * uniforms.window.y) * uniforms.window.w - uniforms.padding.y;
          var total = 0.0;
          let last = min(uniforms.work.x, (slice + 1) * uniforms.work.y);
          for (var cell = slice * uniforms.work.y; cell < last; cell++) {
            let line = cell / uniforms.outputSize.z;
            let picture = line / uniforms.outputSize.y;
            let y = (line - picture * uniforms.outputSize.y) * uniforms.window.z + down;
            let x = (cell - line * uniforms.outputSize.z) * uniforms.window.z + across;
            if (y < 0 || y >= uniforms.inputSize.y || x < 0 || x >= uniforms.inputSize.z) { continue; }
            total += source[((picture * uniforms.inputSize.y + y) * uniforms.inputSize.z + x) * channels + channel]
              * gradient[cell * channels + channel];
          }`,
        value: 'total',
      });
      return sumOverFirst<Tensor4D>(parts, kernel);
    }) as Tensor4D;
  },
};
