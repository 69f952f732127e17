/**
 * The MultiBox loss (SPEC.md 5) where the predictions are on a device: of them only the losses of each box come to main memory,
 * where the hard negatives are chosen by the same code as in loss.ts.
 */
import * as tf from '@tensorflow/tfjs-core';
import { negativesByLoss, type NegativeRows } from '@core/priors/hard-negatives';
import { mineHardNegatives } from '@core/priors/mining';
import type { RawOutput } from './executor-heads';
import type { LearningKernels } from './kernels';
import { LossSums, type LossOptions, type LossTargets } from './loss';

type DeviceLoss = ReturnType<LossSums['dividedBy']> & {
  readonly gradients: RawOutput;
  readonly negatives: NegativeRows | null;
};

/**
 * The same as `multiBoxLoss`, to the rounding of float32; the gradients are tensors, the caller's to dispose.
 * @param positives what is divided by: of the whole batch, where these pictures are a part of it; above 0
 * @param watch whether the confident negatives are wanted: their rows alone are read
 */
export async function multiBoxLossOnDevice(
  kernels: LearningKernels,
  { confidence, localisation }: RawOutput,
  targets: LossTargets,
  options: LossOptions,
  positives: number,
  boxesPerSource: readonly number[],
  watch: boolean,
): Promise<DeviceLoss> {
  const [pictures, boxes] = confidence.shape;
  const labels = tf.tensor2d(targets.labels, [pictures, boxes], 'int32');
  const offsets = tf.tensor3d(targets.offsets, [pictures, boxes, 4], 'float32');
  const losses = kernels.boxLosses(confidence, localisation, labels, offsets);
  try {
    const values = (await losses.data()) as Float32Array;
    const { confidenceWeights, localisationWeights, ...sums } = weigh(
      values,
      targets,
      pictures,
      options,
      positives,
      boxesPerSource,
    );
    const gradients = tf.tidy(() => ({
      confidence: kernels.confidenceGradient(confidence, labels, tf.tensor2d(confidenceWeights, [pictures, boxes])),
      localisation: kernels.localisationGradient(
        localisation,
        offsets,
        tf.tensor2d(localisationWeights, [pictures, boxes]),
      ),
    }));
    const negatives = watch ? await readNegatives({ confidence, localisation }, values, targets.labels) : null;
    return { ...sums, gradients, negatives };
  } finally {
    tf.dispose([labels, offsets, losses]);
  }
}

async function readNegatives(
  { confidence, localisation }: RawOutput,
  losses: Float32Array,
  labels: Int32Array,
): Promise<NegativeRows> {
  const [pictures, boxes, classes] = confidence.shape;
  const at = negativesByLoss(losses, labels, pictures);
  if (at.length === 0) return { at, scores: new Float32Array(0), offsets: new Float32Array(0) };
  const rows = tf.tidy(() => {
    const indices = tf.tensor1d(at, 'int32');
    return tf.concat(
      [
        tf.gather(tf.reshape(confidence, [pictures * boxes, classes]), indices),
        tf.gather(tf.reshape(localisation, [pictures * boxes, 4]), indices),
      ],
      1,
    );
  });
  try {
    const values = (await rows.data()) as Float32Array;
    const columns = (first: number, count: number) =>
      Float32Array.from({ length: at.length * count }, (_, i) => {
        const row = Math.floor(i / count);
        return values[row * (classes + 4) + first + (i - row * count)];
      });
    return { at, scores: columns(0, classes), offsets: columns(classes, 4) };
  } finally {
    rows.dispose();
  }
}

/** Mines the hard negatives of each picture and sums up; the weights are what each box's loss counts in L, [N, P] each. */
function weigh(
  losses: Float32Array,
  { labels }: LossTargets,
  pictures: number,
  { alpha, negativesPerPositive }: LossOptions,
  positives: number,
  boxesPerSource: readonly number[],
) {
  const boxes = labels.length / pictures;
  const [entropy, smooth] = [losses.subarray(0, labels.length), losses.subarray(labels.length)];
  const confidenceWeights = new Float32Array(labels.length);
  const localisationWeights = new Float32Array(labels.length);
  const chosen = new Uint8Array(boxes);
  const sums = new LossSums(boxesPerSource);
  for (let first = 0; first < labels.length; first += boxes) {
    const own = labels.subarray(first, first + boxes);
    mineHardNegatives(entropy.subarray(first, first + boxes), own, negativesPerPositive, chosen);
    for (let p = 0; p < boxes; p++) {
      if (chosen[p] === 0) continue;
      const source = sums.sourceOf(p);
      sums.confidence[source] += entropy[first + p];
      confidenceWeights[first + p] = 1 / positives;
      if (own[p] === 0) continue;
      sums.localisation[source] += smooth[first + p];
      localisationWeights[first + p] = alpha / positives;
    }
  }
  return { ...sums.dividedBy(positives), confidenceWeights, localisationWeights };
}
