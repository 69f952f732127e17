/** One step of training: forward, loss, backward, update. */
import * as tf from '@tensorflow/tfjs-core';
import { sourceMaps } from '@core/network/shapes';
import { confidentNegatives, type NegativeRows } from '@core/priors/hard-negatives';
import type { Model } from './executor';
import type { ForwardPass } from './executor-passes';
import type { RawOutput } from './executor-heads';
import { DeviceParameters } from './executor-parameters-device';
import { HostParameters } from './executor-parameters-host';
import { countPositives, multiBoxLoss, type LossOptions, type LossSums, type LossTargets } from './loss';
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
  /** The parts of both losses that the default boxes of each source have. */
  readonly confidenceLossPerSource: readonly number[];
  readonly localisationLossPerSource: readonly number[];
  /** Before clipping. Not finite when the step went wrong, and then the weights are unchanged. */
  readonly gradientNorm: number;
}

export class Trainer {
  readonly optimiser: Optimiser;
  private readonly boxesPerSource: readonly number[];

  /** Into how many a batch is cut: 1 until the device cannot hold it. */
  private parts = 1;

  /** @param warn told when batches are cut from now on, because the device cannot hold them whole */
  constructor(
    readonly model: Model,
    private readonly options: OptimiserOptions & LossOptions,
    private readonly warn: (message: string) => void = () => {},
  ) {
    this.optimiser = optimiserFor(model, options);
    const { sources } = model.description;
    this.boxesPerSource = sourceMaps(model.description).map(
      ({ width, height }, k) => width * height * sources[k].boxesPerCell,
    );
  }

  /**
   * `images`: preprocessed pixels [N, height, width, 3]. Leaves no tensor behind but the weights' own. A device that runs out of
   * memory gets the batch in parts, whose gradients are added.
   * @param watch told of the confident negatives of the whole batch once the step is done
   */
  async step(
    images: Float32Array,
    targets: LossTargets,
    learningRate: number,
    watch?: (negatives: NegativeRows) => void,
  ): Promise<StepResult> {
    const { model } = this;
    const { input } = model.description;
    const pictures = images.length / (input.width * input.height * 3);
    if (!Number.isInteger(pictures) || targets.labels.length !== pictures * model.boxes) {
      throw new RangeError(`a batch of ${images.length} numbers and ${targets.labels.length} labels does not fit`);
    }
    for (;;) {
      try {
        const parts: NegativeRows[] = [];
        const losses = await this.learn(images, targets, pictures, watch && ((rows) => parts.push(rows)));
        const result = { ...losses, gradientNorm: await this.optimiser.update(learningRate) };
        watch?.(joinRows(parts));
        return result;
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
  private async learn(
    images: Float32Array,
    targets: LossTargets,
    pictures: number,
    watch?: (negatives: NegativeRows) => void,
  ) {
    const positives = countPositives(targets);
    const sums = this.noLosses();
    const [pixels, boxes, share] = [images.length / pictures, this.model.boxes, Math.ceil(pictures / this.parts)];
    const attempt = this.model.engine.attempt ?? (<T>(work: () => Promise<T>) => work());
    for (let first = 0; first < pictures; first += share) {
      const end = Math.min(pictures, first + share);
      const part = {
        labels: targets.labels.subarray(first * boxes, end * boxes),
        offsets: targets.offsets.subarray(first * boxes * 4, end * boxes * 4),
      };
      const own = images.subarray(first * pixels, end * pixels);
      const { negatives, ...losses } = await attempt(() => this.learnPart(own, part, positives, watch !== undefined));
      if (negatives) watch?.({ ...negatives, at: negatives.at.map((position) => position + first * boxes) });
      sums.confidenceLoss += losses.confidenceLoss;
      sums.localisationLoss += losses.localisationLoss;
      losses.confidenceLossPerSource.forEach((loss, k) => (sums.confidenceLossPerSource[k] += loss));
      losses.localisationLossPerSource.forEach((loss, k) => (sums.localisationLossPerSource[k] += loss));
    }
    return { ...sums, positives };
  }

  private noLosses() {
    const none = () => this.boxesPerSource.map(() => 0);
    return {
      confidenceLoss: 0,
      localisationLoss: 0,
      confidenceLossPerSource: none(),
      localisationLossPerSource: none(),
    };
  }

  private async learnPart(images: Float32Array, targets: LossTargets, positives: number, watch: boolean) {
    const { model } = this;
    const { width, height } = model.description.input;
    // What a failure leaves half done is disposed of with the scope.
    tf.engine().startScope('part');
    let pass: ForwardPass | null = null;
    try {
      const x = tf.tensor4d(images, [images.length / (width * height * 3), height, width, 3], 'float32');
      pass = model.forward(x);
      if (countPositives(targets) === 0) return { ...this.noLosses(), negatives: null };
      const { gradients, ...losses } = await this.loss(pass, targets, positives, watch);
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
   * Both losses and their gradients with respect to the outputs of `pass`; `positives` of the whole batch, above 0. With `watch`
   * also the confident negatives. Tensors are the caller's.
   */
  loss(pass: ForwardPass, targets: LossTargets, positives: number, watch = false): Promise<StepLoss> | StepLoss {
    const { model, options, boxesPerSource } = this;
    return model.engine.resident
      ? multiBoxLossOnDevice(model.engine.kernels, pass, targets, options, positives, boxesPerSource, watch)
      : lossInMainMemory(pass, targets, options, positives, boxesPerSource, watch);
  }
}

type Losses = ReturnType<LossSums['dividedBy']>;
type StepLoss = Losses & { readonly gradients: RawOutput; readonly negatives: NegativeRows | null };

/** The predictions are read, the gradients written back. */
function lossInMainMemory(
  { confidence, localisation }: RawOutput,
  targets: LossTargets,
  options: LossOptions,
  positives: number,
  boxesPerSource: readonly number[],
  watch: boolean,
): StepLoss {
  const [scores, offsets] = [confidence.dataSync(), localisation.dataSync()] as Float32Array[];
  const [pictures, , classes] = confidence.shape;
  const {
    confidenceGradient,
    localisationGradient,
    positives: _,
    ...losses
  } = multiBoxLoss(scores, offsets, targets, pictures, classes, options, positives, boxesPerSource);
  const gradients = {
    confidence: tf.tensor3d(confidenceGradient, confidence.shape),
    localisation: tf.tensor3d(localisationGradient, localisation.shape),
  };
  const negatives = watch ? confidentNegatives(scores, offsets, targets.labels, pictures) : null;
  return { ...losses, gradients, negatives };
}

/** Of the parts of a batch, in their order. */
function joinRows(parts: readonly NegativeRows[]): NegativeRows {
  const [only] = parts;
  if (parts.length === 1) return only;
  const floats = (of: (rows: NegativeRows) => Float32Array) =>
    Float32Array.from(parts.flatMap((rows) => [...of(rows)]));
  return {
    at: Int32Array.from(parts.flatMap(({ at }) => [...at])),
    scores: floats(({ scores }) => scores),
    offsets: floats(({ offsets }) => offsets),
  };
}

function optimiserFor({ parameters, engine, frozen }: Model, options: OptimiserOptions): Optimiser {
  const learning = parameters.table.learning.filter(({ parameter }) => !frozen.has(parameter.layer));
  if (parameters instanceof HostParameters) return new HostOptimiser(parameters, options, learning);
  if (parameters instanceof DeviceParameters) return new DeviceOptimiser(parameters, engine.kernels, options, learning);
  throw new Error('these parameters have no optimiser');
}
