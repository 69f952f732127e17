/** What a training step on a device needs besides the layers, in tfjs operations that every backend has. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import type { LearningKernels } from './kernels';

export const learningKernels: LearningKernels = {
  mix: (a, b, t) => tf.tidy(() => tf.add(a, tf.mul(tf.sub(b, a), t))),

  sumOfSquares: (x) => tf.tidy(() => tf.sum(tf.square(x))),

  momentumStep(weight, velocity, gradient, { momentum, scale, decay, rate }) {
    const [moved, next] = tf.tidy(() => {
      const scaled = scale === 1 ? gradient : tf.mul(gradient, scale);
      const pulled = decay === 0 ? scaled : tf.add(scaled, tf.mul(weight, decay));
      const velocityNext = tf.add(tf.mul(velocity, momentum), pulled);
      return [tf.sub(weight, tf.mul(velocityNext, rate)), velocityNext];
    });
    return { weight: moved, velocity: next };
  },

  boxLosses(confidence, localisation, labels, offsets) {
    return tf.tidy(() => {
      const largest = tf.max(confidence, 2, true);
      const shifted = tf.sub(confidence, largest);
      const own = tf.sum(tf.mul(shifted, oneHot(labels, confidence)), 2);
      const entropy = tf.sub(tf.log(tf.sum(tf.exp(shifted), 2)), own);
      const size = tf.abs(tf.sub(localisation, offsets));
      const near = tf.minimum(size, 1);
      // 0.5 d² within 1, |d| - 0.5 beyond: near · (|d| - near / 2).
      const smooth = tf.sum(tf.mul(near, tf.sub(size, tf.mul(near, 0.5))), 2);
      return tf.stack([entropy, smooth]) as Tensor3D;
    });
  },

  confidenceGradient(confidence, labels, weights) {
    return tf.tidy(() => {
      const difference = tf.sub(tf.softmax(confidence), oneHot(labels, confidence));
      return tf.mul(difference, tf.expandDims(weights, 2)) as Tensor3D;
    });
  },

  localisationGradient(localisation, offsets, weights) {
    return tf.tidy(() => {
      const slope = tf.clipByValue(tf.sub(localisation, offsets), -1, 1);
      return tf.mul(slope, tf.expandDims(weights, 2)) as Tensor3D;
    });
  },
};

/** Cast, because tfjs 4.22's wasm backend makes integers of a float one-hot. */
const oneHot = (labels: Tensor, like: Tensor3D): Tensor => tf.cast(tf.oneHot(labels, like.shape[2]), 'float32');
