/**
 * The kernels for a GPU through WebGPU: convolutions are tiled matrix products, and what the portable kernels do in many
 * passes over memory (batch norm, activations, pooling, the optimiser) takes one or two.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { pooledSize } from '@core/network/shapes';
import type { ActivationKind, Kernels, PoolGeometry, Shape4D } from './kernels';
import { portableKernels } from './kernels-portable';
import { webGpuConvolutions } from './kernels-webgpu-convolution';
import { placeIn, webGpuDepthwise } from './kernels-webgpu-depthwise';
import { type ProgramInputs, runPerNumber, type Uniforms } from './webgpu-program';
import { sumOverFirst } from './webgpu-product';

/** Threads of a sum over rows, each adding up its share. */
const THREADS = 32768;

/** Of [rows, channels]: the sums over all rows of `values`, WGSL expressions of `at` and `channel`: [values, channels]. */
function sumOverRows(
  key: string,
  inputs: ProgramInputs,
  [rows, channels]: readonly [number, number],
  values: readonly string[],
): Tensor2D {
  const slices = Math.max(1, Math.min(Math.ceil(THREADS / channels), Math.ceil(rows / 16), 256));
  const uniforms: Uniforms = { work: { vec4: [rows, Math.ceil(rows / slices), channels, 0] } };
  return tf.tidy(() => {
    const sums = values.map((value, i) =>
      sumOverFirst<Tensor1D>(
        runPerNumber({
          key: `rows ${key} ${i}`,
          inputs,
          output: [slices, channels],
          uniforms,
          prepare: `
            let slice = index / uniforms.work.z;
            let channel = index - slice * uniforms.work.z;
            var total = 0.0;
            let last = min(uniforms.work.x, (slice + 1) * uniforms.work.y);
            for (var row = slice * uniforms.work.y; row < last; row++) {
              let at = row * uniforms.work.z + channel;
              total += ${value};
            }`,
          value: 'total',
        }),
        [channels],
      ),
    );
    return tf.stack(sums) as Tensor2D;
  });
}

const rowsOf = (x: Tensor4D): readonly [number, number] => [x.size / x.shape[3], x.shape[3]];

const CHANNEL = 'let channel = index % uniforms.channels;';

/** Rectifiers: the input or the output serves as `x`. */
const SLOPES: Readonly<Record<ActivationKind, string>> = {
  relu: 'select(0.0, 1.0, x[index] > 0.0)',
  relu6: 'select(0.0, 1.0, x[index] > 0.0 && x[index] < 6.0)',
  hardSigmoid: 'select(0.0, 1.0 / 6.0, x[index] > -3.0 && x[index] < 3.0)',
  hardSwish:
    'clamp(x[index] + 3.0, 0.0, 6.0) / 6.0 + x[index] * select(0.0, 1.0 / 6.0, x[index] > -3.0 && x[index] < 3.0)',
};

/** A comparison, not max: that may turn what is no number into 0. */
const RECTIFIED = 'select(x[index], 0.0, x[index] < 0.0)';
const ACTIVATIONS: Readonly<Record<ActivationKind, string>> = {
  relu: RECTIFIED,
  relu6: `select(${RECTIFIED}, 6.0, x[index] > 6.0)`,
  hardSigmoid: 'clamp(x[index] + 3.0, 0.0, 6.0) / 6.0',
  hardSwish: 'x[index] * clamp(x[index] + 3.0, 0.0, 6.0) / 6.0',
};

const poolUniforms = (
  input: Shape4D,
  output: readonly number[],
  { kernel, stride, padding }: PoolGeometry,
): Uniforms => ({
  inputSize: { vec4: input },
  outputSize: { vec4: output },
  window: { vec4: [kernel, stride, padding, 0] },
});

export const webGpuKernels: Kernels = {
  ...portableKernels,
  ...webGpuConvolutions,
  ...webGpuDepthwise,

  biasGradient: (dy) => tf.tidy(() => tf.reshape(sumOverRows('sum', { dy }, rowsOf(dy), ['dy[at]']), [dy.shape[3]])),

  batchNormTraining(x, weight, bias, epsilon, relu) {
    const [rows, channels] = rowsOf(x);
    const [output, mean, variance, inverse] = tf.tidy(() => {
      const mean = tf.div(tf.reshape(sumOverRows('sum of x', { x }, [rows, channels], ['x[at]']), [channels]), rows);
      const squares = ['(x[at] - mean[channel]) * (x[at] - mean[channel])'];
      const sum = tf.reshape(sumOverRows('squares', { x, mean }, [rows, channels], squares), [channels]);
      const inverse = tf.rsqrt(tf.add(tf.div(sum, rows), epsilon));
      const y = normalise(x, [mean, inverse, weight, bias], relu);
      return [y, mean, tf.div(sum, Math.max(1, rows - 1)), inverse] as [Tensor4D, Tensor1D, Tensor1D, Tensor1D];
    });
    return { output, mean, variance, saved: [tf.clone(mean), inverse] };
  },

  batchNormPrediction: (x, weight, bias, mean, variance, epsilon, relu) =>
    tf.tidy(() => normalise(x, [mean, tf.rsqrt(tf.add(variance, epsilon)), weight, bias], relu)),

  batchNormGradient(dy, x, weight, _epsilon, [mean, inverse]) {
    const [rows, channels] = rowsOf(x);
    const [input, ofWeight, ofBias] = tf.tidy(() => {
      const sums = [
        sumOverRows('sum', { dy }, [rows, channels], ['dy[at]']),
        sumOverRows(
          'sum with x',
          { dy, x, mean, inverse },
          [rows, channels],
          ['dy[at] * (x[at] - mean[channel]) * inverse[channel]'],
        ),
      ];
      const [ofBias, ofWeight] = sums.map((sum) => tf.reshape(sum, [channels]) as Tensor1D);
      const dx = runPerNumber<Tensor4D>({
        key: 'batch norm gradient',
        inputs: { dy, x, mean, inverse, weight, ofWeight, ofBias },
        output: x.shape,
        uniforms: { channels: { i32: channels }, rows: { f32: rows } },
        prepare: `${CHANNEL}
          let normalised = (x[index] - mean[channel]) * inverse[channel];
          let centred = dy[index] - (ofBias[channel] + normalised * ofWeight[channel]) / uniforms.rows;`,
        value: 'centred * weight[channel] * inverse[channel]',
      });
      return [dx, ofWeight, ofBias];
    }) as [Tensor4D, Tensor1D, Tensor1D];
    return { input, weight: ofWeight, bias: ofBias };
  },

  activation: (x, kind) => runPerNumber({ key: kind, inputs: { x }, output: x.shape, value: ACTIVATIONS[kind] }),

  activationGradient: (dy, x, kind) =>
    runPerNumber({
      key: `${kind} gradient`,
      inputs: { dy, x },
      output: x.shape,
      value: `dy[index] * (${SLOPES[kind]})`,
    }),

  maxPool(x, geometry) {
    const [pictures, height, width, channels] = x.shape;
    const { kernel, stride, padding, ceil } = geometry;
    const size = (length: number) => pooledSize(length, kernel, stride, padding, ceil);
    const output = [pictures, size(height), size(width), channels];
    return runPerNumber<Tensor4D>({
      key: 'max pool',
      inputs: { x },
      output,
      uniforms: poolUniforms(x.shape, output, geometry),
      prepare: `${placeIn('outputSize')}
        var largest = -3.4028234663852886e38;
        for (var i = 0; i < uniforms.window.x; i++) {
          let y = row * uniforms.window.y - uniforms.window.z + i;
          if (y < 0 || y >= uniforms.inputSize.y) { continue; }
          for (var j = 0; j < uniforms.window.x; j++) {
            let across = column * uniforms.window.y - uniforms.window.z + j;
            if (across < 0 || across >= uniforms.inputSize.z) { continue; }
            let value = x[((picture * uniforms.inputSize.y + y) * uniforms.inputSize.z + across) * channels + channel];
            largest = select(value, largest, value <= largest);
          }
        }`,
      value: 'largest',
    });
  },

  /** The first largest number of a window takes its gradient. */
  maxPoolGradient: (dy, x, y, geometry) =>
    runPerNumber<Tensor4D>({
      key: 'max pool gradient',
      inputs: { dy, x, y },
      output: x.shape,
      uniforms: poolUniforms(x.shape, y.shape, geometry),
      prepare: `${placeIn('inputSize')}
        let kernel = uniforms.window.x;
        let stride = uniforms.window.y;
        let value = x[index];
        var total = 0.0;
        let down = row + uniforms.window.z;
        let across = column + uniforms.window.z;
        for (var top = max(0, (down - kernel + stride) / stride); top <= min(down / stride, uniforms.outputSize.y - 1); top++) {
          for (var left = max(0, (across - kernel + stride) / stride); left <= min(across / stride, uniforms.outputSize.z - 1); left++) {
            let window = ((picture * uniforms.outputSize.y + top) * uniforms.outputSize.z + left) * channels + channel;
            if (y[window] != value) { continue; }
            var first = true;
            for (var r = max(0, top * stride - uniforms.window.z); r <= row; r++) {
              let begin = max(0, left * stride - uniforms.window.z);
              let end = select(min(left * stride - uniforms.window.z + kernel, uniforms.inputSize.z), column, r == row);
              for (var c = begin; c < end; c++) {
                if (x[((picture * uniforms.inputSize.y + r) * uniforms.inputSize.z + c) * channels + channel] == value) {
                  first = false;
                }
              }
            }
            if (first) { total += dy[window]; }
          }
        }`,
      value: 'total',
    }),

  mix: <T extends Tensor>(a: T, b: T, t: number) =>
    runPerNumber<T>({
      key: 'mix',
      inputs: { a, b },
      output: a.shape,
      uniforms: { t: { f32: t } },
      value: 'a[index] + uniforms.t * (b[index] - a[index])',
    }),

  momentumStep(weight, velocity, gradient, { momentum, scale, decay, rate }) {
    const next = runPerNumber({
      key: 'velocity',
      inputs: { weight, velocity, gradient },
      output: weight.shape,
      uniforms: { momentum: { f32: momentum }, scale: { f32: scale }, decay: { f32: decay } },
      value: 'uniforms.momentum * velocity[index] + uniforms.scale * gradient[index] + uniforms.decay * weight[index]',
    });
    const moved = runPerNumber({
      key: 'weight',
      inputs: { weight, velocity: next },
      output: weight.shape,
      uniforms: { rate: { f32: rate } },
      value: 'weight[index] - uniforms.rate * velocity[index]',
    });
    return { weight: moved, velocity: next };
  },
};

function normalise(x: Tensor4D, [mean, inverse, weight, bias]: readonly Tensor[], relu: boolean): Tensor4D {
  return runPerNumber<Tensor4D>({
    key: `normalise ${relu}`,
    inputs: { x, mean, inverse, weight, bias },
    output: x.shape,
    uniforms: { channels: { i32: x.shape[3] } },
    prepare: `${CHANNEL}
      let y = (x[index] - mean[channel]) * inverse[channel] * weight[channel] + bias[channel];`,
    value: relu ? 'select(y, 0.0, y < 0.0)' : 'y',
  });
}
