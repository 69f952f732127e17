/** The backward pass of a model whose parameters are in main memory, on plain arrays. */
import * as tf from '@tensorflow/tfjs-core';
import type { Model } from '../../src-main/engine/executor';
import type { ForwardPass } from '../../src-main/engine/executor-passes';
import { HostGradients } from '../../src-main/engine/gradients';

/** Takes the gradients of the pass's outputs; returns those of the parameters, at their offsets. */
export function gradientsOf(
  model: Model,
  pass: ForwardPass,
  ofOutputs: { readonly localisation: Float32Array; readonly confidence: Float32Array },
): Float32Array {
  const gradients = new HostGradients(model.parameters.table);
  const tensors = {
    localisation: tf.tensor3d(ofOutputs.localisation, pass.localisation.shape),
    confidence: tf.tensor3d(ofOutputs.confidence, pass.confidence.shape),
  };
  model.backward(pass, tensors, gradients);
  return gradients.values;
}
