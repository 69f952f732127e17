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
export async function predictRaw(model: Model, images: Float32Array): Promise<RawPrediction> {
  const { logits: _none, ...prediction } = await forward(model, images, false);
  return prediction;
}

/** The same with the scores before softmax, [N, P, C]. */
export async function predictLogits(
  model: Model,
  images: Float32Array,
): Promise<RawPrediction & { readonly logits: Float32Array }> {
  return forward(model, images, true);
}

async function forward(model: Model, images: Float32Array, keepLogits: boolean) {
  const { input, classes } = model.description;
  const pictures = images.length / (input.width * input.height * 3);
  if (!Number.isInteger(pictures)) throw new RangeError(`${images.length} numbers are not whole pictures`);
  const outputs = tf.tidy(() => {
    const x = tf.tensor(images, [pictures, input.height, input.width, 3], 'float32') as Tensor4D;
    const output = model.predict(x);
    return [tf.softmax(output.confidence), output.localisation, ...(keepLogits ? [output.confidence] : [])];
  });
  const [scores, offsets, logits = new Float32Array(0)] = (await Promise.all(
    outputs.map((output) => output.data()),
  )) as Float32Array[];
  tf.dispose(outputs);
  return { pictures, boxes: model.boxes, classes, scores, offsets, logits };
}
