/** One step of training: forward, loss, backward, update. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ForwardPass, Model } from './executor';
import type { RawOutput } from './executor-heads';
import { DeviceParameters } from './executor-parameters-device';
import { HostParameters } from './executor-parameters-host';
import { countPositives, multiBoxLoss, type LossOptions, type LossTargets, type MultiBoxLoss } from './loss';
import { multiBoxLossOnDevice } from './loss-device';
import type { Optimiser, OptimiserOptions } from './optimiser';
import { DeviceOptimiser } from './optimiser-device';
import { HostOptimiser } from './optimiser-host';

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

  constructor(
    readonly model: Model,
    private readonly options: OptimiserOptions & LossOptions,
  ) {
    this.optimiser = optimiserFor(model, options);
  }

  /** `images`: preprocessed pixels [N, height, width, 3]. Leaves no tensor behind but the weights' own. */
  async step(images: Float32Array, targets: LossTargets, learningRate: number): Promise<StepResult> {
    const { model } = this;
    const { input } = model.description;
    const pictures = images.length / (input.width * input.height * 3);
    if (!Number.isInteger(pictures) || targets.labels.length !== pictures * model.boxes) {
      throw new RangeError(`a batch of ${images.length} numbers and ${targets.labels.length} labels does not fit`);
    }
    const positives = countPositives(targets);
    const x = tf.tensor(images, [pictures, input.height, input.width, 3], 'float32') as Tensor4D;
    const pass = model.forward(x);
    let losses = { confidenceLoss: 0, localisationLoss: 0 };
    if (positives === 0) {
      model.release(pass);
    } else {
      const { gradients, ...own } = await this.loss(pass, targets, positives);
      model.backward(pass, gradients, this.optimiser.gradients);
      losses = own;
    }
    x.dispose();
    const gradientNorm = await this.optimiser.update(learningRate);
    return { ...losses, positives, gradientNorm };
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
