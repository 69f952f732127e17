/** Convolutions and their gradients as matrix products, for any stride, padding and dilation. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvolutionGeometry, Kernels, Shape4D } from './kernels';
import type { Uniforms } from './webgpu-program';
import { type Operand, runProduct } from './webgpu-product';

type ConvolutionKernels = Pick<Kernels, 'convolution' | 'convolutionInputGradient' | 'convolutionKernelGradient'>;

/** Sizes as the code reads them. */
export function geometryUniforms(
  input: Shape4D,
  kernel: Shape4D,
  output: Shape4D,
  { stride, padding, dilation }: ConvolutionGeometry,
): Uniforms {
  return {
    inputSize: { vec4: input },
    outputSize: { vec4: output },
    window: { vec4: [kernel[0], kernel[1], stride, dilation] },
    padding: { vec4: [padding[0], padding[1], 0, 0] },
  };
}

export function outputShape(input: Shape4D, kernel: Shape4D, filters: number, geometry: ConvolutionGeometry): Shape4D {
  const { stride, padding, dilation } = geometry;
  const length = (axis: 0 | 1) =>
    Math.floor((input[axis + 1] + 2 * padding[axis] - (kernel[axis] - 1) * dilation - 1) / stride) + 1;
  return [input[0], length(0), length(1), filters];
}

const widthOf = (channels: number): 1 | 4 => (channels % 4 === 0 ? 4 : 1);
const numbers = (width: 1 | 4): string => (width === 4 ? 'vec4<f32>' : 'f32');

/** Rows are outputs, k is (tap, input channel). */
function inputWindows(width: 1 | 4): Operand {
  return {
    along: 'k',
    width,
    code: `
      fn prepareA(row: i32) -> vec4<i32> {
        let line = row / uniforms.outputSize.z;
        let picture = line / uniforms.outputSize.y;
        let y = line - picture * uniforms.outputSize.y;
        let x = row - line * uniforms.outputSize.z;
        return vec4<i32>(picture, y * uniforms.window.z - uniforms.padding.x, x * uniforms.window.z - uniforms.padding.y, 0);
      }
      fn loadA(p: vec4<i32>, row: i32, k: i32) -> ${numbers(width)} {
        let channels = uniforms.inputSize.w;
        let tap = k / channels;
        let i = tap / uniforms.window.y;
        let y = p.y + i * uniforms.window.w;
        let x = p.z + (tap - i * uniforms.window.y) * uniforms.window.w;
        if (y < 0 || y >= uniforms.inputSize.y || x < 0 || x >= uniforms.inputSize.z) { return ${numbers(width)}(0.0); }
        let at = ((p.x * uniforms.inputSize.y + y) * uniforms.inputSize.z + x) * channels + k - tap * channels;
        return source[at${width === 4 ? ' / 4' : ''}];
      }`,
  };
}

/** The kernel as it lies: k is (tap, input channel), columns are filters. */
function kernelMatrix(width: 1 | 4): Operand {
  return {
    along: 'outer',
    width,
    code: `
      fn prepareB(column: i32) -> vec4<i32> { return vec4<i32>(0); }
      fn loadB(p: vec4<i32>, column: i32, k: i32) -> ${numbers(width)} {
        return matrix[(k * uniforms.extent.y + column)${width === 4 ? ' / 4' : ''}];
      }`,
  };
}

/** Rows are inputs, k is (tap, filter): the outputs whose windows read the input by that tap. */
function outputsOfInputs(width: 1 | 4): Operand {
  return {
    along: 'k',
    width,
    code: `
      fn prepareA(row: i32) -> vec4<i32> {
        let line = row / uniforms.inputSize.z;
        let picture = line / uniforms.inputSize.y;
        let y = line - picture * uniforms.inputSize.y;
        let x = row - line * uniforms.inputSize.z;
        return vec4<i32>(picture, y + uniforms.padding.x, x + uniforms.padding.y, 0);
      }
      fn loadA(p: vec4<i32>, row: i32, k: i32) -> ${numbers(width)} {
        let filters = uniforms.outputSize.w;
        let stride = uniforms.window.z;
        let tap = k / filters;
        let i = tap / uniforms.window.y;
        let down = p.y - i * uniforms.window.w;
        let across = p.z - (tap - i * uniforms.window.y) * uniforms.window.w;
        let y = down / stride;
        let x = across / stride;
        if (down < 0 || across < 0 || y * stride != down || x * stride != across
            || y >= uniforms.outputSize.y || x >= uniforms.outputSize.z) { return ${numbers(width)}(0.0); }
        let at = ((p.x * uniforms.outputSize.y + y) * uniforms.outputSize.z + x) * filters + k - tap * filters;
        return source[at${width === 4 ? ' / 4' : ''}];
      }`,
  };
}

/** k is (tap, filter), columns are input channels. */
function transposedKernel(width: 1 | 4): Operand {
  return {
    along: 'k',
    width,
    code: `
      fn prepareB(column: i32) -> vec4<i32> { return vec4<i32>(0); }
      fn loadB(p: vec4<i32>, column: i32, k: i32) -> ${numbers(width)} {
        let filters = uniforms.outputSize.w;
        let tap = k / filters;
        let at = (tap * uniforms.inputSize.w + column) * filters + k - tap * filters;
        return matrix[at${width === 4 ? ' / 4' : ''}];
      }`,
  };
}

/** Rows are (tap, input channel), k is the outputs: what each output read by that tap. */
function inputsOfOutputs(width: 1 | 4): Operand {
  return {
    along: 'outer',
    width,
    code: `
      fn prepareA(row: i32) -> vec4<i32> {
        let tap = row / uniforms.inputSize.w;
        let i = tap / uniforms.window.y;
        let j = tap - i * uniforms.window.y;
        return vec4<i32>(row - tap * uniforms.inputSize.w, i * uniforms.window.w - uniforms.padding.x,
          j * uniforms.window.w - uniforms.padding.y, 0);
      }
      fn loadA(p: vec4<i32>, row: i32, k: i32) -> ${numbers(width)} {
        let line = k / uniforms.outputSize.z;
        let picture = line / uniforms.outputSize.y;
        let y = (line - picture * uniforms.outputSize.y) * uniforms.window.z + p.y;
        let x = (k - line * uniforms.outputSize.z) * uniforms.window.z + p.z;
        if (y < 0 || y >= uniforms.inputSize.y || x < 0 || x >= uniforms.inputSize.z) { return ${numbers(width)}(0.0); }
        let at = ((picture * uniforms.inputSize.y + y) * uniforms.inputSize.z + x) * uniforms.inputSize.w + p.x;
        return source[at${width === 4 ? ' / 4' : ''}];
      }`,
  };
}

export const webGpuConvolutions: ConvolutionKernels = {
  convolution(x, kernel, bias, geometry) {
    const [height, width, channels, filters] = kernel.shape;
    const output = outputShape(x.shape, kernel.shape, filters, geometry);
    const [a, b] = [widthOf(channels), widthOf(filters)];
    return tf.tidy(() => {
      const product = runProduct({
        key: 'convolution',
        inputs: { source: { tensor: x, components: a }, matrix: { tensor: kernel, components: b } },
        uniforms: geometryUniforms(x.shape, kernel.shape, output, geometry),
        rows: output[0] * output[1] * output[2],
        columns: filters,
        depth: height * width * channels,
        a: inputWindows(a),
        b: kernelMatrix(b),
      });
      const y = tf.reshape(product, output);
      return bias ? tf.add(y, bias) : y;
    }) as Tensor4D;
  },

  convolutionInputGradient(dy, kernel, input, geometry) {
    const [height, width, channels, filters] = kernel.shape;
    const numbersAtOnce = widthOf(filters);
    return tf.tidy(() => {
      const product = runProduct({
        key: 'input gradient',
        inputs: {
          source: { tensor: dy, components: numbersAtOnce },
          matrix: { tensor: kernel, components: numbersAtOnce },
        },
        uniforms: geometryUniforms(input, kernel.shape, dy.shape, geometry),
        rows: input[0] * input[1] * input[2],
        columns: channels,
        depth: height * width * filters,
        a: outputsOfInputs(numbersAtOnce),
        b: transposedKernel(numbersAtOnce),
      });
      return tf.reshape(product, input);
    }) as Tensor4D;
  },

  convolutionKernelGradient(x, dy, kernel, geometry) {
    const [height, width, channels, filters] = kernel;
    const [a, b] = [widthOf(channels), widthOf(filters)];
    return tf.tidy(() => {
      const product = runProduct({
        key: 'kernel gradient',
        inputs: { source: { tensor: x, components: a }, matrix: { tensor: dy, components: b } },
        uniforms: geometryUniforms(x.shape, kernel, dy.shape, geometry),
        rows: height * width * channels,
        columns: filters,
        depth: dy.shape[0] * dy.shape[1] * dy.shape[2],
        a: inputsOfOutputs(a),
        b: kernelMatrix(b),
      });
      return tf.reshape(product, kernel);
    }) as Tensor4D;
  },
};
