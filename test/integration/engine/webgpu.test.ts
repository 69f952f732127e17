/** Every kernel of the WebGPU engine equals the processor's, on whatever GPU there is: in tests the Vulkan that Electron ships. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { pooledSize } from '@core/network/shapes';
import { openEngine } from '../../../src-main/engine/engines';
import type {
  ActivationKind,
  ConvolutionGeometry,
  Kernels,
  PoolGeometry,
  Shape4D,
} from '../../../src-main/engine/kernels';
import { randomNumbers } from '../../support/engines-available';
import { describeOnWebGpu } from '../../support/webgpu';

interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

function draw(seed: number, ...shape: number[]): Numbers {
  return { shape, values: randomNumbers(seed)(sizeOf(shape)) };
}

/** The work on WebGPU and on wasm gives the same numbers, and leaves no tensor. */
async function expectSame(
  given: readonly Numbers[],
  work: (kernels: Kernels, tensors: readonly Tensor[]) => readonly Tensor[],
  tolerance = 1e-5,
): Promise<void> {
  const run = async (id: 'webgpu' | 'wasm') => {
    const { kernels } = await openEngine(id);
    const before = tf.memory().numTensors;
    const tensors = given.map(({ values, shape }) => tf.tensor(values, [...shape], 'float32'));
    const results = work(kernels, tensors);
    const read = await Promise.all(
      results.map(async (tensor) => ({ shape: tensor.shape, values: (await tensor.data()) as Float32Array })),
    );
    tf.dispose([...tensors, ...results]);
    expect(tf.memory().numTensors).toBe(before);
    return read;
  };
  const [ours, expected] = [await run('webgpu'), await run('wasm')];
  expected.forEach(({ shape, values }, i) => {
    expect(ours[i].shape).toEqual(shape);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const apart = values.reduce((most, value, k) => Math.max(most, Math.abs(value - ours[i].values[k])), 0);
    expect(
      apart / largest,
      `result ${i}: ${ours[i].values.slice(0, 6).join(' ')} against ${values.slice(0, 6).join(' ')}`,
    ).toBeLessThan(tolerance);
  });
}

interface Case {
  readonly name: string;
  readonly input: Shape4D;
  /** Height, width and filters. */
  readonly kernel: readonly [number, number, number];
  readonly geometry: ConvolutionGeometry;
}

const plain = { stride: 1, padding: [0, 0], dilation: 1 } as const;
const CONVOLUTIONS: readonly Case[] = [
  { name: '1x1', input: [2, 5, 6, 8], kernel: [1, 1, 12], geometry: plain },
  {
    name: 'three colours',
    input: [2, 9, 11, 3],
    kernel: [3, 3, 16],
    geometry: { ...plain, stride: 2, padding: [1, 1] },
  },
  {
    name: '3x3, more filters than a tile',
    input: [1, 7, 6, 20],
    kernel: [3, 3, 68],
    geometry: { ...plain, padding: [1, 1] },
  },
  { name: 'odd channels', input: [2, 5, 7, 5], kernel: [3, 3, 7], geometry: { ...plain, padding: [1, 1] } },
  { name: '1x7', input: [1, 6, 9, 4], kernel: [1, 7, 20], geometry: { ...plain, padding: [0, 3] } },
  {
    name: '7x1, stride 2',
    input: [2, 10, 7, 4],
    kernel: [7, 1, 4],
    geometry: { stride: 2, padding: [3, 0], dilation: 1 },
  },
  {
    name: '3x3, stride 2, odd',
    input: [2, 9, 7, 8],
    kernel: [3, 3, 8],
    geometry: { stride: 2, padding: [1, 1], dilation: 1 },
  },
  { name: '4x4, padded by 1', input: [2, 2, 2, 8], kernel: [4, 4, 8], geometry: { ...plain, padding: [1, 1] } },
  { name: 'dilation 6', input: [1, 8, 9, 8], kernel: [3, 3, 40], geometry: { ...plain, padding: [6, 6], dilation: 6 } },
  {
    name: 'dilation 3, larger than the map',
    input: [2, 3, 2, 4],
    kernel: [3, 3, 4],
    geometry: { ...plain, padding: [3, 3], dilation: 3 },
  },
  {
    name: 'many terms, cut into slices',
    input: [1, 4, 4, 256],
    kernel: [3, 3, 8],
    geometry: { ...plain, padding: [1, 1] },
  },
  { name: 'many rows', input: [1, 20, 33, 4], kernel: [3, 3, 4], geometry: { ...plain, padding: [1, 1] } },
];

const DEPTHWISE: readonly Case[] = [
  { name: '3x3', input: [2, 5, 6, 8], kernel: [3, 3, 1], geometry: { ...plain, padding: [1, 1] } },
  {
    name: 'stride 2, even',
    input: [2, 8, 6, 4],
    kernel: [3, 3, 1],
    geometry: { stride: 2, padding: [1, 1], dilation: 1 },
  },
  {
    name: '5x5, stride 2, odd channels',
    input: [1, 9, 8, 5],
    kernel: [5, 5, 1],
    geometry: { stride: 2, padding: [2, 2], dilation: 1 },
  },
  { name: 'dilation 3', input: [2, 8, 9, 6], kernel: [3, 3, 1], geometry: { ...plain, padding: [3, 3], dilation: 3 } },
];

describeOnWebGpu('a convolution on WebGPU', () => {
  it.each(CONVOLUTIONS)('$name, and its gradients', async ({ input, kernel: [rows, columns, filters], geometry }) => {
    const kernel: Shape4D = [rows, columns, input[3], filters];
    const output = (axis: 0 | 1, extent: number) =>
      Math.floor(
        (input[axis + 1] + 2 * geometry.padding[axis] - (extent - 1) * geometry.dilation - 1) / geometry.stride,
      ) + 1;
    const dy = draw(3, input[0], output(0, rows), output(1, columns), filters);
    await expectSame(
      [draw(1, ...input), draw(2, ...kernel), dy, draw(4, filters)],
      (kernels, [x, w, upstream, bias]) => [
        kernels.convolution(x as Tensor4D, w as Tensor4D, bias as Tensor1D, geometry),
        kernels.convolution(x as Tensor4D, w as Tensor4D, null, geometry),
        kernels.convolutionInputGradient(upstream as Tensor4D, w as Tensor4D, input, geometry),
        kernels.convolutionKernelGradient(x as Tensor4D, upstream as Tensor4D, kernel, geometry),
        kernels.biasGradient(upstream as Tensor4D),
      ],
    );
  });

  it.each(DEPTHWISE)('depthwise, $name, and its gradients', async ({ input, kernel: [rows, columns], geometry }) => {
    const kernel: Shape4D = [rows, columns, input[3], 1];
    const output = (axis: 0 | 1, extent: number) =>
      Math.floor(
        (input[axis + 1] + 2 * geometry.padding[axis] - (extent - 1) * geometry.dilation - 1) / geometry.stride,
      ) + 1;
    const dy = draw(3, input[0], output(0, rows), output(1, columns), input[3]);
    await expectSame(
      [draw(1, ...input), draw(2, ...kernel), dy, draw(4, input[3])],
      (kernels, [x, w, upstream, bias]) => [
        kernels.depthwise(x as Tensor4D, w as Tensor4D, bias as Tensor1D, geometry),
        kernels.depthwiseInputGradient(upstream as Tensor4D, w as Tensor4D, input, geometry),
        kernels.depthwiseKernelGradient(x as Tensor4D, upstream as Tensor4D, kernel, geometry),
      ],
    );
  });
});

describeOnWebGpu('other layers on WebGPU', () => {
  it.each([true, false])('a batch norm and its gradients, with a ReLU: %s', async (relu) => {
    const shape = [3, 5, 7, 6];
    const given = [draw(1, ...shape), draw(2, 6), draw(3, 6), draw(4, ...shape)];
    await expectSame(given, (kernels, [x, weight, bias, dy]) => {
      const batch = kernels.batchNormTraining(x as Tensor4D, weight as Tensor1D, bias as Tensor1D, 1e-3, relu);
      const gradient = kernels.batchNormGradient(dy as Tensor4D, x as Tensor4D, weight as Tensor1D, 1e-3, batch.saved);
      const predicted = kernels.batchNormPrediction(
        x as Tensor4D,
        weight as Tensor1D,
        bias as Tensor1D,
        batch.mean,
        batch.variance,
        1e-3,
        relu,
      );
      tf.dispose([...batch.saved]);
      return [batch.output, batch.mean, batch.variance, gradient.input, gradient.weight, gradient.bias, predicted];
    });
  });

  it.each(['relu', 'relu6', 'hardSigmoid', 'hardSwish'] as const satisfies readonly ActivationKind[])(
    '%s',
    async (kind) => {
      const x = { shape: [2, 3, 4, 5], values: draw(1, 120).values.map((value) => 8 * value) };
      await expectSame([x, draw(2, 2, 3, 4, 5)], (kernels, [given, dy]) => [
        kernels.activation(given as Tensor4D, kind),
        kernels.activationGradient(dy as Tensor4D, given as Tensor4D, kind),
      ]);
    },
  );

  it.each([
    { kernel: 2, stride: 2, padding: 0, ceil: true, input: [2, 7, 9, 3] },
    { kernel: 2, stride: 2, padding: 0, ceil: false, input: [2, 7, 9, 3] },
    { kernel: 3, stride: 1, padding: 1, ceil: false, input: [1, 6, 5, 4] },
    { kernel: 3, stride: 2, padding: 1, ceil: false, input: [1, 9, 8, 2] },
  ] satisfies (PoolGeometry & { input: Shape4D })[])(
    'a max pool $kernel/$stride of $input',
    async ({ input, ...geometry }) => {
      // Small whole numbers: windows with several largest ones.
      const x = { shape: input, values: draw(1, sizeOf(input)).values.map((value) => Math.round(2 * value)) };
      const length = (size: number) =>
        pooledSize(size, geometry.kernel, geometry.stride, geometry.padding, geometry.ceil);
      const dy = draw(2, input[0], length(input[1]), length(input[2]), input[3]);
      await expectSame([x, dy], (kernels, [given, upstream]) => {
        const y = kernels.maxPool(given as Tensor4D, geometry);
        return [y, kernels.maxPoolGradient(upstream as Tensor4D, given as Tensor4D, y, geometry)];
      });
    },
  );

  it('what is not a number stays so through a ReLU', async () => {
    const { kernels } = await openEngine('webgpu');
    const x = tf.tensor4d([NaN, -1, 2, -3], [1, 1, 1, 4]);
    const y = kernels.activation(x, 'relu');
    expect([...(await y.data())]).toEqual([NaN, 0, 2, 0]);
    tf.dispose([x, y]);
  });
});

describeOnWebGpu('learning on WebGPU', () => {
  it('moves weights, sums squares, mixes', async () => {
    const rule = { momentum: 0.9, scale: 0.5, decay: 0.01, rate: 0.1 };
    await expectSame([draw(1, 3, 3, 4, 70), draw(2, 3, 3, 4, 70), draw(3, 3, 3, 4, 70)], (kernels, [w, v, g]) => {
      const moved = kernels.momentumStep(w, v, g, rule);
      return [moved.weight, moved.velocity, kernels.mix(w, v, 0.3), kernels.sumOfSquares(g)];
    });
  });

  it('has the losses of each box and their gradients', async () => {
    const given = [draw(1, 2, 9, 4), draw(2, 2, 9, 4), draw(3, 2, 9, 4), draw(4, 2, 9)];
    await expectSame(given, (kernels, [scores, offsets, wanted, weights]) => {
      const labels = tf.tensor2d(
        Int32Array.from({ length: 18 }, (_, i) => (i * 7) % 4),
        [2, 9],
        'int32',
      );
      const [c, l, t] = [scores, offsets, wanted] as tf.Tensor3D[];
      const results = [
        kernels.boxLosses(c, l, labels, t),
        kernels.confidenceGradient(c, labels, weights as tf.Tensor2D),
        kernels.localisationGradient(l, t, weights as tf.Tensor2D),
      ];
      labels.dispose();
      return results;
    });
  });
});
