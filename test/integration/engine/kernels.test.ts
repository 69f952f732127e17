import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import {
  gateGradient,
  globalAverage,
  globalAverageGradient,
  l2Normalise,
  l2NormGradient,
  resize,
  resizeGradient,
} from '../../../src-main/engine/kernels-composed';
import type { ConvolutionGeometry, Shape4D } from '../../../src-main/engine/kernels';
import { describeOnEngines, randomNumbers } from '../../support/engines-available';

const random = randomNumbers(7);
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const values = (tensor: Tensor) => tensor.dataSync() as Float32Array;
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/**
 * Compares a gradient with central differences of sum(forward(x) * dy) at a few places. For functions linear in x a large
 * `epsilon` loses nothing to rounding.
 */
function expectGradient(
  forward: (x: Float32Array) => Float32Array,
  x: Float32Array,
  dy: Float32Array,
  gradient: Float32Array,
  epsilon: number,
  tolerance: number,
): void {
  expect(gradient).toHaveLength(x.length);
  const places = Math.min(12, x.length);
  for (let k = 0; k < places; k++) {
    const i = Math.floor((k * x.length) / places);
    const at = (difference: number) => {
      const moved = x.slice();
      moved[i] += difference;
      return dot(forward(moved), dy);
    };
    const numeric = (at(epsilon) - at(-epsilon)) / (2 * epsilon);
    expect(Math.abs(gradient[i] - numeric), `at ${i}: ${gradient[i]} against ${numeric}`).toBeLessThan(
      tolerance * Math.max(1, Math.abs(numeric)),
    );
  }
}

interface Case extends ConvolutionGeometry {
  readonly name: string;
  readonly input: Shape4D;
  /** [height, width] of the kernel and its output channels. */
  readonly kernel: readonly [number, number, number];
}

const CONVOLUTIONS: readonly Case[] = [
  { name: '1x1', input: [2, 5, 6, 3], kernel: [1, 1, 4], stride: 1, padding: [0, 0], dilation: 1 },
  { name: '3x3 padded', input: [2, 5, 6, 3], kernel: [3, 3, 4], stride: 1, padding: [1, 1], dilation: 1 },
  { name: '3x3 unpadded', input: [2, 5, 6, 3], kernel: [3, 3, 4], stride: 1, padding: [0, 0], dilation: 1 },
  { name: 'stride 2, even', input: [2, 8, 6, 3], kernel: [3, 3, 4], stride: 2, padding: [1, 1], dilation: 1 },
  { name: 'stride 2, odd', input: [2, 7, 9, 3], kernel: [3, 3, 4], stride: 2, padding: [1, 1], dilation: 1 },
  { name: '4x4 padded by 1', input: [2, 2, 2, 3], kernel: [4, 4, 4], stride: 1, padding: [1, 1], dilation: 1 },
  { name: '1x7', input: [2, 5, 9, 3], kernel: [1, 7, 4], stride: 1, padding: [0, 3], dilation: 1 },
  { name: '3x1', input: [2, 5, 6, 3], kernel: [3, 1, 4], stride: 1, padding: [1, 0], dilation: 1 },
  { name: '7x1', input: [2, 9, 5, 3], kernel: [7, 1, 4], stride: 1, padding: [3, 0], dilation: 1 },
  { name: '7x1 stride 2, even', input: [2, 10, 8, 3], kernel: [7, 1, 4], stride: 2, padding: [3, 0], dilation: 1 },
  { name: '3x1 stride 2, odd', input: [2, 7, 9, 3], kernel: [3, 1, 4], stride: 2, padding: [1, 0], dilation: 1 },
  { name: '1x1 stride 2', input: [2, 7, 8, 3], kernel: [1, 1, 4], stride: 2, padding: [0, 0], dilation: 1 },
  { name: 'dilation 7', input: [1, 10, 9, 3], kernel: [3, 3, 4], stride: 1, padding: [7, 7], dilation: 7 },
  {
    name: 'dilation 3, larger than the map',
    input: [2, 3, 2, 3],
    kernel: [3, 3, 4],
    stride: 1,
    padding: [3, 3],
    dilation: 3,
  },
  { name: 'dilation 2', input: [2, 7, 8, 3], kernel: [3, 3, 4], stride: 1, padding: [2, 2], dilation: 2 },
  { name: 'dilation 5', input: [1, 8, 10, 3], kernel: [3, 3, 4], stride: 1, padding: [5, 5], dilation: 5 },
  {
    name: 'dilation 6, many filters',
    input: [1, 7, 7, 4],
    kernel: [3, 3, 160],
    stride: 1,
    padding: [6, 6],
    dilation: 6,
  },
];

const DEPTHWISE: readonly Case[] = [
  { name: '3x3', input: [2, 5, 6, 3], kernel: [3, 3, 3], stride: 1, padding: [1, 1], dilation: 1 },
  { name: 'stride 2, even', input: [2, 8, 6, 3], kernel: [3, 3, 3], stride: 2, padding: [1, 1], dilation: 1 },
  { name: 'stride 2, odd', input: [2, 7, 9, 3], kernel: [3, 3, 3], stride: 2, padding: [1, 1], dilation: 1 },
  { name: '5x5 stride 2', input: [2, 9, 8, 3], kernel: [5, 5, 3], stride: 2, padding: [2, 2], dilation: 1 },
  {
    name: '3x3 stride 2 of a single cell',
    input: [2, 1, 1, 3],
    kernel: [3, 3, 3],
    stride: 2,
    padding: [1, 1],
    dilation: 1,
  },
  { name: 'dilation 2', input: [2, 8, 9, 3], kernel: [3, 3, 3], stride: 1, padding: [2, 2], dilation: 2 },
  { name: 'dilation 5', input: [2, 8, 9, 3], kernel: [3, 3, 3], stride: 1, padding: [5, 5], dilation: 5 },
  { name: 'dilation 7', input: [1, 10, 9, 3], kernel: [3, 3, 3], stride: 1, padding: [7, 7], dilation: 7 },
  { name: 'dilation 3', input: [2, 8, 9, 3], kernel: [3, 3, 3], stride: 1, padding: [3, 3], dilation: 3 },
];

/** Convolution by its definition; depthwise when the kernel's third axis is the input's channels and its fourth is 1. */
function convolve(
  x: Float32Array,
  input: Shape4D,
  w: Float32Array,
  kernel: Shape4D,
  g: ConvolutionGeometry,
  depthwise: boolean,
) {
  const [n, height, width, channels] = input;
  const [kh, kw, kin, kout] = kernel;
  const out = (length: number, k: number, p: number) =>
    Math.floor((length + 2 * p - (k - 1) * g.dilation - 1) / g.stride) + 1;
  const [oh, ow] = [out(height, kh, g.padding[0]), out(width, kw, g.padding[1])];
  const filters = depthwise ? channels : kout;
  const y = new Float32Array(n * oh * ow * filters);
  for (let b = 0; b < n; b++)
    for (let r = 0; r < oh; r++)
      for (let c = 0; c < ow; c++)
        for (let f = 0; f < filters; f++) {
          let sum = 0;
          for (let i = 0; i < kh; i++)
            for (let j = 0; j < kw; j++) {
              const row = r * g.stride + i * g.dilation - g.padding[0];
              const column = c * g.stride + j * g.dilation - g.padding[1];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              const at = ((b * height + row) * width + column) * channels;
              if (depthwise) sum += x[at + f] * w[(i * kw + j) * channels + f];
              else for (let k = 0; k < kin; k++) sum += x[at + k] * w[((i * kw + j) * kin + k) * kout + f];
            }
          y[((b * oh + r) * ow + c) * filters + f] = sum;
        }
  return { y, shape: [n, oh, ow, filters] as Shape4D };
}

describeOnEngines('convolution', (engine) => {
  const check = (c: Case, depthwise: boolean) => {
    const { kernels } = engine();
    const kernelShape: Shape4D = depthwise
      ? [c.kernel[0], c.kernel[1], c.input[3], 1]
      : [c.kernel[0], c.kernel[1], c.input[3], c.kernel[2]];
    const [x, w, bias] = [random(size(c.input)), random(size(kernelShape)), random(c.kernel[2])];
    const { y, shape } = convolve(x, c.input, w, kernelShape, c, depthwise);
    const dy = random(y.length);
    tf.tidy(() => {
      const tensors = [tf.tensor4d(x, c.input), tf.tensor4d(w, kernelShape), tf.tensor4d(dy, shape)] as const;
      const [tx, tw, tdy] = tensors;
      const forward = depthwise ? kernels.depthwise : kernels.convolution;
      const ofInput = depthwise ? kernels.depthwiseInputGradient : kernels.convolutionInputGradient;
      const ofKernel = depthwise ? kernels.depthwiseKernelGradient : kernels.convolutionKernelGradient;
      const output = forward.call(kernels, tx, tw, tf.tensor1d(bias), c);
      expect(output.shape).toEqual(shape);
      values(output).forEach((value, i) => expect(value).toBeCloseTo(y[i] + bias[i % bias.length], 4));
      const dx = ofInput.call(kernels, tdy, tw, c.input, c);
      expect(dx.shape).toEqual(c.input);
      expectGradient((moved) => convolve(moved, c.input, w, kernelShape, c, depthwise).y, x, dy, values(dx), 0.5, 1e-4);
      const dw = ofKernel.call(kernels, tx, tdy, kernelShape, c);
      expect(dw.shape).toEqual(kernelShape);
      expectGradient((moved) => convolve(x, c.input, moved, kernelShape, c, depthwise).y, w, dy, values(dw), 0.5, 1e-4);
      const db = values(kernels.biasGradient(tdy));
      bias.forEach((_, f) => {
        const sum = dy.reduce((total, value, i) => total + (i % bias.length === f ? value : 0), 0);
        expect(db[f]).toBeCloseTo(sum, 4);
      });
    });
  };
  it.each(CONVOLUTIONS)('$name: forward, input, kernel and bias gradients', (c) => check(c, false));
  it.each(DEPTHWISE)('depthwise $name: forward, input, kernel and bias gradients', (c) => check(c, true));
});

describeOnEngines('batch norm', (engine) => {
  const shape: Shape4D = [3, 4, 5, 2];
  const run = (x: Float32Array, w: Float32Array, b: Float32Array, relu: boolean) =>
    tf.tidy(() => {
      const { kernels } = engine();
      const batch = kernels.batchNormTraining(tf.tensor4d(x, shape), tf.tensor1d(w), tf.tensor1d(b), 1e-5, relu);
      return { y: values(batch.output), mean: values(batch.mean), variance: values(batch.variance) };
    });

  it('normalises by the batch and reports the mean and the unbiased variance', () => {
    const x = random(size(shape));
    const { y, mean, variance } = run(x, new Float32Array([2, 3]), new Float32Array([1, -1]), false);
    for (const c of [0, 1]) {
      const channel = [...x].filter((_, i) => i % 2 === c);
      const average = channel.reduce((a, b) => a + b) / channel.length;
      const squares = channel.reduce((sum, value) => sum + (value - average) ** 2, 0);
      expect(mean[c]).toBeCloseTo(average, 5);
      expect(variance[c]).toBeCloseTo(squares / (channel.length - 1), 5);
      const expected = ((channel[0] - average) / Math.sqrt(squares / channel.length + 1e-5)) * (c + 2) + (c ? -1 : 1);
      expect(y[c]).toBeCloseTo(expected, 4);
    }
  });

  it.each([false, true])('gradients of input, weight and bias; joined ReLU: %s', (relu) => {
    const { kernels } = engine();
    const [x, w, b, dy] = [random(size(shape)), random(2), random(2), random(size(shape))];
    tf.tidy(() => {
      const [tx, tw] = [tf.tensor4d(x, shape), tf.tensor1d(w)];
      const { output, saved } = kernels.batchNormTraining(tx, tw, tf.tensor1d(b), 1e-5, relu);
      const tdy = tf.tensor4d(dy, shape);
      const rectified = relu ? kernels.activationGradient(tdy, output, 'relu') : tdy;
      const gradient = kernels.batchNormGradient(rectified, tx, tw, 1e-5, saved);
      const tolerance = relu ? 5e-2 : 5e-3;
      expectGradient((moved) => run(moved, w, b, relu).y, x, dy, values(gradient.input), 2e-3, tolerance);
      expectGradient((moved) => run(x, moved, b, relu).y, w, dy, values(gradient.weight), 2e-3, tolerance);
      expectGradient((moved) => run(x, w, moved, relu).y, b, dy, values(gradient.bias), 2e-3, tolerance);
    });
  });
});

describeOnEngines('other layers', (engine) => {
  const shape: Shape4D = [2, 5, 7, 3];
  const gradientOf = (
    forward: (x: Tensor4D) => Tensor4D,
    backward: (dy: Tensor4D, x: Tensor4D, y: Tensor4D) => Tensor4D,
    x = random(size(shape)),
    epsilon = 1e-3,
  ) =>
    tf.tidy(() => {
      const tx = tf.tensor4d(x, shape);
      const y = forward(tx);
      const dy = random(y.size);
      const gradient = backward(tf.tensor4d(dy, y.shape), tx, y);
      expect(gradient.shape).toEqual(shape);
      const run = (moved: Float32Array) => tf.tidy(() => values(forward(tf.tensor4d(moved, shape))));
      expectGradient(run, x, dy, values(gradient), epsilon, 2e-2);
    });

  it('L2 norm gives (12, 16) for (3, 4) with a scale of 20', () => {
    const y = tf.tidy(() => values(l2Normalise(tf.tensor4d([3, 4], [1, 1, 1, 2]), tf.tensor1d([20, 20]))));
    expect([...y].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([12, 16]);
  });

  it('L2 norm: gradients of input and scale', () => {
    const [x, scale, dy] = [random(size(shape)), random(3), random(size(shape))];
    const forward = (a: Float32Array, g: Float32Array) =>
      tf.tidy(() => values(l2Normalise(tf.tensor4d(a, shape), tf.tensor1d(g))));
    tf.tidy(() => {
      const [dx, dg] = l2NormGradient(tf.tensor4d(dy, shape), tf.tensor4d(x, shape), tf.tensor1d(scale) as Tensor1D);
      expectGradient((moved) => forward(moved, scale), x, dy, values(dx), 1e-3, 1e-2);
      expectGradient((moved) => forward(x, moved), scale, dy, values(dg), 1e-1, 1e-3);
    });
  });

  it.each(['relu', 'relu6', 'hardSwish', 'hardSigmoid'] as const)('%s', (kind) => {
    const { kernels } = engine();
    const x = random(size(shape)).map((value) => 8 * value);
    gradientOf(
      (t) => kernels.activation(t, kind),
      (dy, t) => kernels.activationGradient(dy, t, kind),
      x,
    );
  });

  it.each([
    { name: '2x2 stride 2, rounded up', kernel: 2, stride: 2, padding: 0, ceil: true, output: [3, 4] },
    { name: '2x2 stride 2, rounded down', kernel: 2, stride: 2, padding: 0, ceil: false, output: [2, 3] },
    { name: '3x3 stride 1 padded', kernel: 3, stride: 1, padding: 1, ceil: false, output: [5, 7] },
  ])('max pool $name', (geometry) => {
    const { kernels } = engine();
    const x = random(size(shape)).map((value, i) => value + i / 50);
    const y = tf.tidy(() => kernels.maxPool(tf.tensor4d(x, shape), geometry).shape);
    expect(y.slice(1, 3)).toEqual(geometry.output);
    gradientOf(
      (t) => kernels.maxPool(t, geometry),
      (dy, t, out) => kernels.maxPoolGradient(dy, t, out, geometry),
      x,
    );
  });

  it('global average pool', () => {
    const x = random(size(shape));
    const mean = tf.tidy(() => values(globalAverage(tf.tensor4d(x, shape))));
    const channel = [...x.subarray(35 * 3)].filter((_, i) => i % 3 === 1);
    expect(mean[4]).toBeCloseTo(channel.reduce((sum, value) => sum + value, 0) / 35, 5);
    gradientOf(globalAverage, (dy, t) => globalAverageGradient(dy, t), x, 1e-1);
  });

  it('a gate times a map: gradients of both', () => {
    const gateShape: Shape4D = [2, 1, 1, 3];
    const [x, g, dy] = [random(size(shape)), random(6), random(size(shape))];
    const product = (a: Float32Array, b: Float32Array) =>
      a.map((value, i) => value * b[3 * Math.floor(i / 105) + (i % 3)]);
    tf.tidy(() => {
      const [ofMap, ofGate] = gateGradient(tf.tensor4d(dy, shape), tf.tensor4d(x, shape), tf.tensor4d(g, gateShape));
      expect([ofMap.shape, ofGate.shape]).toEqual([shape, gateShape]);
      expectGradient((moved) => product(moved, g), x, dy, values(ofMap), 1e-1, 1e-3);
      expectGradient((moved) => product(x, moved), g, dy, values(ofGate), 1e-1, 1e-3);
    });
  });

  it('resize to the size of another map', () => {
    const like = tf.zeros([2, 9, 13, 1]) as Tensor4D;
    gradientOf(
      (t) => resize(t, like),
      (dy, t) => resizeGradient(dy, t),
      undefined,
      1e-1,
    );
    like.dispose();
  });
});
