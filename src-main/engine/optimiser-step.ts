/** One step of training: forward, loss, backward, update. */
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardPass, Model } from './executor';
import type { RawOutput } from './executor-heads';
import { DeviceParameters } from './executor-parameters-device';
import { HostParameters } from './executor-parameters-host';
import { countPositives, multiBoxLoss, type LossOptions, type LossTargets, type MultiBoxLoss } from './loss';
import { multiBoxLossOnDevice } from './loss-device';
import type { Optimiser, OptimiserOptions } from './optimiser';
import { DeviceOptimiser } from './optimiser-device';
import { HostOptimiser } from './optimiser-host';
import { isOutOfMemory } from './out-of-memory';

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

  /** Into how many a batch is cut: 1 until the device cannot hold it. */
  private parts = 1;

  /** @param warn told when batches are cut from now on, because the device cannot hold them whole */
  constructor(
    readonly model: Model,
    private readonly options: OptimiserOptions & LossOptions,
    private readonly warn: (message: string) => void = () => {},
  ) {
    this.optimiser = optimiserFor(model, options);
  }

  /**
   * `images`: preprocessed pixels [N, height, width, 3]. Leaves no tensor behind but the weights' own. A device that runs out of
   * memory gets the batch in parts, whose gradients are added.
   */
  async step(images: Float32Array, targets: LossTargets, learningRate: number): Promise<StepResult> {
    const { model } = this;
    const { input } = model.description;
    const pictures = images.length / (input.width * input.height * 3);
    if (!Number.isInteger(pictures) || targets.labels.length !== pictures * model.boxes) {
      throw new RangeError(`a batch of ${images.length} numbers and ${targets.labels.length} labels does not fit`);
    }
    for (;;) {
      try {
        const losses = await this.learn(images, targets, pictures);
        return { ...losses, gradientNorm: await this.optimiser.update(learningRate) };
      } catch (error) {
        this.optimiser.gradients.clear();
        if (!model.engine.resident || !isOutOfMemory(error) || this.parts >= pictures) throw error;
        this.parts = Math.min(pictures, 2 * this.parts);
        this.warn(
          `The GPU has too little memory for ${pictures} pictures at once: from now on ${Math.ceil(pictures / this.parts)} at a ` +
            'time, their gradients added. Batch norms see so many pictures only; a smaller batch or input needs less memory.',
        );
      }
    }
  }

  /** Leaves the gradients of a batch with the optimiser. */
  private async learn(images: Float32Array, targets: LossTargets, pictures: number) {
    const positives = countPositives(targets);
    const sums = { confidenceLoss: 0, localisationLoss: 0, positives };
    const [pixels, boxes, share] = [images.length / pictures, this.model.boxes, Math.ceil(pictures / this.parts)];
    const attempt = this.model.engine.attempt ?? (<T>(work: () => Promise<T>) => work());
    for (let first = 0; first < pictures; first += share) {
      const end = Math.min(pictures, first + share);
      const part = {
        labels: targets.labels.subarray(first * boxes, end * boxes),
        offsets: targets.offsets.subarray(first * boxes * 4, end * boxes * 4),
      };
      const own = images.subarray(first * pixels, end * pixels);
      const losses = await attempt(() => this.learnPart(own, part, positives));
      sums.confidenceLoss += losses.confidenceLoss;
      sums.localisationLoss += losses.localisationLoss;
    }
    return sums;
  }

  private async learnPart(images: Float32Array, targets: LossTargets, positives: number) {
    const { model } = this;
    const { width, height } = model.description.input;
    // What a failure leaves half done is disposed of with the scope.
    tf.engine().startScope('part');
    let pass: ForwardPass | null = null;
    try {
      const x = tf.tensor4d(images, [images.length / (width * height * 3), height, width, 3], 'float32');
      pass = model.forward(x);
      if (countPositives(targets) === 0) return { confidenceLoss: 0, localisationLoss: 0 };
      const { gradients, ...losses } = await this.loss(pass, targets, positives);
      model.backward(pass, gradients, this.optimiser.gradients);
      return losses;
    } finally {
      if (pass) model.release(pass);
      tf.engine().endScope();
    }
  }

  dispose(): void {
    this.optimiser.dispose();
  }

  /**
   * Both losses and their gradients with respect to the outputs of `pass`; `positives` of the whole batch, above 0.
   * Tensors are the caller's.
   */
  loss(pass: ForwardPass, targets: LossTargets, positives: number): Promise<StepLoss> | StepLoss {
    const { model, options } = this;
    return model.engine.resident
      ? multiBoxLossOnDevice(model.engine.kernels, pass, targets, options, positives)
      : lossInMainMemory(pass, targets, options, positives);
  }
}

type StepLoss = Pick<MultiBoxLoss, 'confidenceLoss' | 'localisationLoss'> & { readonly gradients: RawOutput };

/** The predictions are read, the gradients written back. */
function lossInMainMemory(
  { confidence, localisation }: RawOutput,
  targets: LossTargets,
  options: LossOptions,
  positives: number,
): StepLoss {
  const [scores, offsets] = [confidence.dataSync(), localisation.dataSync()] as Float32Array[];
  const [pictures, , classes] = confidence.shape;
  const { confidenceGradient, localisationGradient, confidenceLoss, localisationLoss } = multiBoxLoss(
    scores,
    offsets,
    targets,
    pictures,
    classes,
    options,
    positives,
  );
  const gradients = {
    confidence: tf.tensor3d(confidenceGradient, confidence.shape),
    localisation: tf.tensor3d(localisationGradient, localisation.shape),
  };
  return { confidenceLoss, localisationLoss, gradients };
}

function optimiserFor({ parameters, engine }: Model, options: OptimiserOptions): Optimiser {
  if (parameters instanceof HostParameters) return new HostOptimiser(parameters, options);
  if (parameters instanceof DeviceParameters) return new DeviceOptimiser(parameters, engine.kernels, options);
  throw new Error('these parameters have no optimiser');
}
