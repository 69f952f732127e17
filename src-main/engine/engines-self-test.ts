/** A convolution and its gradients against numbers worked out by hand: an engine that fails is not offered. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernels } from './kernels';

/** Throws when a result is off by more than 1e-4. */
export async function selfTest(kernels: Kernels): Promise<void> {
  const geometry = { stride: 1, padding: [0, 0], dilation: 1 } as const;
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const kernel = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
  const dy = tf.tensor4d([1, 1, 1, 1], [1, 2, 2, 1]);
  const results: [string, Tensor, number[]][] = [
    ['convolution', kernels.convolution(x, kernel, null, geometry), [37, 47, 67, 77]],
    ['input gradient', kernels.convolutionInputGradient(dy, kernel, x.shape, geometry), [1, 3, 2, 4, 10, 6, 3, 7, 4]],
    ['kernel gradient', kernels.convolutionKernelGradient(x, dy, kernel.shape, geometry), [12, 16, 24, 28]],
  ];
  tf.dispose([x, kernel, dy]);
  for (const [name, tensor, expected] of results) {
    const actual = [...(await tensor.data())];
    tensor.dispose();
    const wrong = actual.length !== expected.length || actual.some((value, i) => Math.abs(value - expected[i]) > 1e-4);
    if (wrong) throw new Error(`its ${name} gives ${actual.join(' ')} instead of ${expected.join(' ')}`);
  }
}
