/** Convolutions of bfloat16 numbers: as near to float32 as 8 significant bits allow, and only where they gain. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Engine, inMathMode, openEngine } from '../../../src-main/engine/engines';
import type { ConvolutionGeometry, Kernels } from '../../../src-main/engine/kernels';
import { bfloat16Speedup } from '../../../src-main/engine/kernels-tensorflow-bfloat16';
import { isReady, randomNumbers } from '../../support/engines-available';

const engine: Engine | null = isReady('tensorflow') ? await openEngine('tensorflow') : null;
const speedup = engine?.bfloat16 ? bfloat16Speedup(engine.bfloat16, engine.kernels) : 0;
const numbers = randomNumbers(7);
const random = (shape: [number, number, number, number]): Tensor4D =>
  tf.tensor4d(numbers(shape.reduce((product, side) => product * side, 1)), shape);

/** ||a - b|| / ||b||. */
function difference(a: Tensor4D, b: Tensor4D): number {
  const [ours, theirs] = [a.dataSync(), b.dataSync()];
  let [apart, size] = [0, 0];
  theirs.forEach((value, i) => {
    apart += (ours[i] - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(apart / size);
}

/** Output and both gradients of a layer of so many channels. */
function layer(kernels: Kernels, inputs: readonly Tensor4D[], geometry: ConvolutionGeometry): Tensor4D[] {
  const [x, kernel, dy] = inputs;
  return [
    kernels.convolution(x, kernel, null, geometry),
    kernels.convolutionInputGradient(dy, kernel, x.shape, geometry),
    kernels.convolutionKernelGradient(x, dy, kernel.shape, geometry),
  ];
}

describe.skipIf(speedup === 0)('convolutions of bfloat16 numbers', () => {
  const compare = (channels: number, side: 1 | 3, geometry: ConvolutionGeometry): number[] => {
    const size = geometry.stride === 2 ? 6 : 12;
    const inputs = [
      random([2, 12, 12, channels]),
      random([side, side, channels, channels]),
      random([2, size, size, channels]),
    ];
    const [rounded, exact] = [engine!.bfloat16!, engine!.kernels].map((kernels) => layer(kernels, inputs, geometry));
    const differences = rounded.map((tensor, i) => difference(tensor, exact[i]));
    tf.dispose([...inputs, ...rounded, ...exact]);
    return differences;
  };

  it.each([
    ['3x3', 64, 3, { stride: 1, padding: [1, 1], dilation: 1 }],
    ['3x3 dilated', 64, 3, { stride: 1, padding: [6, 6], dilation: 6 }],
    ['1x1', 256, 1, { stride: 1, padding: [0, 0], dilation: 1 }],
    ['3x3 stride 2, padded before only', 64, 3, { stride: 2, padding: [1, 1], dilation: 1 }],
  ] as const)('%s: the relative error is that of 8 significant bits', (_, channels, side, geometry) => {
    compare(channels, side, geometry);
    const before = tf.memory().numTensors;
    const differences = compare(channels, side, geometry);
    expect(tf.memory().numTensors).toBe(before);
    expect(Math.max(...differences)).toBeGreaterThan(1e-4);
    expect(Math.max(...differences)).toBeLessThan(1e-2);
  });

  it('leaves narrow layers in float32, where rounding costs more than it gains', () => {
    expect(compare(16, 1, { stride: 1, padding: [0, 0], dilation: 1 })).toEqual([0, 0, 0]);
  });
});

describe('the math mode of a run', () => {
  it.skipIf(engine === null)('is float32 as the engine stands', () => {
    expect(inMathMode(engine!, 'float32')).toEqual({ engine, warning: null });
  });

  it('says so where an engine has no bfloat16', async () => {
    const wasm = await openEngine('wasm');
    expect(inMathMode(wasm, 'bfloat16')).toEqual({
      engine: wasm,
      warning: 'Trains in float32: WebAssembly has no bfloat16',
    });
  });
});
