/** The end of a prediction that needs tensors: class probabilities and offsets as plain arrays. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Model } from './executor';

export interface RawPrediction {
  readonly pictures: number;
  /** P. */
  readonly boxes: number;
  /** C, background at index 0. */
  readonly classes: number;
  /** Softmax probabilities [N, P, C]. */
  readonly scores: Float32Array;
  /** Encoded offsets [N, P, 4]. */
  readonly offsets: Float32Array;
}

/** `images`: preprocessed pixels [N, height, width, 3]. */
export function predictRaw(model: Model, images: Float32Array): RawPrediction {
  const { input, classes } = model.description;
  const pictures = images.length / (input.width * input.height * 3);
  if (!Number.isInteger(pictures)) throw new RangeError(`${images.length} numbers are not whole pictures`);
  return tf.tidy(() => {
    const x = tf.tensor(images, [pictures, input.height, input.width, 3], 'float32') as Tensor4D;
    const { localisation, confidence } = model.predict(x);
    return {
      pictures,
      boxes: model.boxes,
      classes,
      scores: tf.softmax(confidence).dataSync() as Float32Array,
      offsets: localisation.dataSync() as Float32Array,
    };
  });
}
