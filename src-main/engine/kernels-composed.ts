/** Layers that are a few tfjs operations on every engine, forward and backward. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/** Caffe's, inside the square root (SPEC.md 1.4). */
const EPSILON = 1e-10;

const inverseNorm = (x: Tensor4D) => tf.rsqrt(tf.add(tf.sum(tf.square(x), 3, true), EPSILON));

/** y = g · x / ||x|| over the channels. */
export function l2Normalise(x: Tensor4D, scale: Tensor1D): Tensor4D {
  return tf.tidy(() => tf.mul(tf.mul(x, inverseNorm(x)), scale));
}

/** With n = x/||x||: dx = (g dy - n (n · g dy)) / ||x||, dg = sum of dy n. Returns [dx, dg]. */
export function l2NormGradient(dy: Tensor4D, x: Tensor4D, scale: Tensor1D): [Tensor4D, Tensor1D] {
  return tf.tidy(() => {
    const inverse = inverseNorm(x);
    const normalised = tf.mul(x, inverse);
    const scaled = tf.mul(dy, scale);
    const along = tf.mul(normalised, tf.sum(tf.mul(normalised, scaled), 3, true));
    const dx = tf.mul(tf.sub(scaled, along), inverse) as Tensor4D;
    return [dx, tf.sum(tf.mul(dy, normalised), [0, 1, 2]) as Tensor1D];
  }) as [Tensor4D, Tensor1D];
}

/** Bilinear, align corners, to the size of `like`. */
export function resize(x: Tensor4D, like: Tensor4D): Tensor4D {
  return tf.image.resizeBilinear(x, [like.shape[1], like.shape[2]], true);
}

export function resizeGradient(dy: Tensor4D, x: Tensor4D): Tensor4D {
  return tf
    .engine()
    .runKernel<Tensor4D>(tf.ResizeBilinearGrad, { images: x, dy }, { alignCorners: true, halfPixelCenters: false });
}

/** The mean over height and width: [N, 1, 1, C]. */
export const globalAverage = (x: Tensor4D): Tensor4D => tf.mean(x, [1, 2], true);

export function globalAverageGradient(dy: Tensor4D, x: Tensor4D): Tensor4D {
  const cells = x.shape[1] * x.shape[2];
  return tf.tidy(() => tf.broadcastTo(tf.div(dy, cells), x.shape));
}

/** Of map [N, H, W, C] times gate [N, 1, 1, C]: the gradients of both. */
export function gateGradient(dy: Tensor4D, map: Tensor4D, gate: Tensor4D): [Tensor4D, Tensor4D] {
  return tf.tidy(() => [tf.mul(dy, gate), tf.sum(tf.mul(dy, map), [1, 2], true)]) as [Tensor4D, Tensor4D];
}
