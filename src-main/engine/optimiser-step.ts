/** One step of training: forward, loss, backward, update. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Model } from './executor';
import { multiBoxLoss, type LossOptions, type LossTargets } from './loss';
import { Optimiser, type OptimiserOptions } from './optimiser';

export interface StepResult {
  readonly confidenceLoss: number;
  readonly localisationLoss: number;
  /** N: matched default boxes of the batch. */
  readonly positives: number;
  /** Before clipping. Not finite when the step went wrong, and then the weights are unchanged. */
  readonly gradientNorm: number;
}

export class Trainer {
  readonly optimiser: Optimiser;
  private readonly gradients: Float32Array;

  constructor(
    readonly model: Model,
    private readonly options: OptimiserOptions & LossOptions,
  ) {
    this.optimiser = new Optimiser(model.parameters, options);
    this.gradients = new Float32Array(model.parameters.trainable);
  }

  /** `images`: preprocessed pixels [N, height, width, 3]. Leaves no tensor behind but the weights' own. */
  step(images: Float32Array, targets: LossTargets, learningRate: number): StepResult {
    const { model } = this;
    const { input, classes } = model.description;
    const pictures = images.length / (input.width * input.height * 3);
    if (!Number.isInteger(pictures) || targets.labels.length !== pictures * model.boxes) {
      throw new RangeError(`a batch of ${images.length} numbers and ${targets.labels.length} labels does not fit`);
    }
    const x = tf.tensor(images, [pictures, input.height, input.width, 3], 'float32') as Tensor4D;
    const pass = model.forward(x);
    const confidence = pass.confidence.dataSync() as Float32Array;
    const localisation = pass.localisation.dataSync() as Float32Array;
    const loss = multiBoxLoss(confidence, localisation, targets, pictures, classes, this.options);
    if (loss.positives === 0) {
      model.release(pass);
      this.gradients.fill(0);
    } else {
      model.backward(pass, loss.localisationGradient, loss.confidenceGradient, this.gradients);
    }
    x.dispose();
    const gradientNorm = this.optimiser.update(this.gradients, learningRate);
    const { confidenceLoss, localisationLoss, positives } = loss;
    return { confidenceLoss, localisationLoss, positives, gradientNorm };
  }
}
