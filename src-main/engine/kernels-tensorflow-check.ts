/** Whether TensorFlow computes with oneDNN here. */
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from './kernels';

/** oneDNN's own operations give right results; false where this TensorFlow has none. */
export function oneDnnWorks(kernels: Kernels): boolean {
  return tf.tidy(() => {
    try {
      const x = tf.tensor4d([-1, 1], [2, 1, 1, 1]);
      const [weight, bias] = [tf.tensor1d([2]), tf.tensor1d([0.5])];
      const kernel = tf.tensor4d([3], [1, 1, 1, 1]);
      const { output } = kernels.batchNormTraining(x, weight, bias, 1e-5, true);
      const convolved = kernels.convolution(x, kernel, bias, { stride: 1, padding: [0, 0], dilation: 1 });
      const pool = { kernel: 2, stride: 1, padding: 0, ceil: false };
      const picture = tf.tensor4d([1, 2, 4, 3], [1, 2, 2, 1]);
      const pooled = kernels.maxPoolGradient(
        tf.tensor4d([7], [1, 1, 1, 1]),
        picture,
        kernels.maxPool(picture, pool),
        pool,
      );
      const ones = tf.ones<tf.Rank.R4>([1, 3, 3, 1]);
      // TensorFlow without oneDNN, which TF_ENABLE_ONEDNN_OPTS=0 makes of it, refuses this one.
      const dilated = kernels.convolutionKernelGradient(ones, ones, [3, 3, 1, 1], {
        stride: 1,
        padding: [2, 2],
        dilation: 2,
      });
      const results = [output, convolved, pooled, dilated];
      const actual = results.flatMap((result) => [...result.dataSync()]);
      return [0, 2.5, -2.5, 3.5, 0, 0, 7, 0, 1, 3, 1, 3, 9, 3, 1, 3, 1].every(
        (value, i) => Math.abs(value - actual[i]) < 1e-3,
      );
    } catch {
      return false;
    }
  });
}
