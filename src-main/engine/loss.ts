/**
 * The MultiBox loss of SSD (SPEC.md 5) and its gradients in closed form, on plain arrays: exact, and without a tensor
 * operation for the mining. On a device: loss-device.ts. L = (L_conf + α L_loc) / N, N the positives of the whole batch.
 */
import { mineHardNegatives } from '@core/priors/mining';

export interface LossOptions {
  /** Weight of the localisation loss. */
  readonly alpha: number;
  /** Hard negatives taken per positive, in each picture. */
  readonly negativesPerPositive: number;
}

export interface LossTargets {
  /** [N, P]: class index, background 0. */
  readonly labels: Int32Array;
  /** [N, P, 4]: encoded ground truth of the positives; the rest is not read. */
  readonly offsets: Float32Array;
}

export interface MultiBoxLoss {
  /** Divided by N, without α. */
  readonly confidenceLoss: number;
  readonly localisationLoss: number;
  readonly positives: number;
  /** The parts of both losses that the default boxes of each source have. */
  readonly confidenceLossPerSource: readonly number[];
  readonly localisationLossPerSource: readonly number[];
  /** dL/d(class scores) [N, P, C] and dL/d(offsets) [N, P, 4], of L with α and 1/N. */
  readonly confidenceGradient: Float32Array;
  readonly localisationGradient: Float32Array;
}

/** N of the paper: the matched default boxes. */
export const countPositives = ({ labels }: LossTargets): number =>
  labels.reduce((count, label) => count + (label > 0 ? 1 : 0), 0);

/**
 * Class scores [N, P, C] before softmax, predicted offsets [N, P, 4]. Negatives are mined per picture, the largest -log of
 * the background probability first, ties by box index. Without a positive in the batch every result is exactly 0.
 * @param positives what is divided by: of the whole batch, where these pictures are a part of it
 * @param boxesPerSource how many of the P boxes each source has, in order; left out: one source has them all
 */
export function multiBoxLoss(
  confidence: Float32Array,
  localisation: Float32Array,
  targets: LossTargets,
  pictures: number,
  classes: number,
  options: LossOptions,
  positives: number = countPositives(targets),
  boxesPerSource: readonly number[] = [targets.labels.length / pictures],
): MultiBoxLoss {
  const boxes = targets.labels.length / pictures;
  const result = {
    confidenceGradient: new Float32Array(confidence.length),
    localisationGradient: new Float32Array(localisation.length),
  };
  const sums = new LossSums(boxesPerSource);
  if (positives === 0) return { ...result, positives, ...sums.dividedBy(1) };

  const background = new Float64Array(boxes);
  const chosen = new Uint8Array(boxes);
  for (let picture = 0; picture < pictures; picture++) {
    const first = picture * boxes;
    const labels = targets.labels.subarray(first, first + boxes);
    for (let p = 0; p < boxes; p++) {
      if (labels[p] === 0) background[p] = crossEntropy(confidence, (first + p) * classes, classes, 0);
    }
    mineHardNegatives(background, labels, options.negativesPerPositive, chosen);
    for (let p = 0; p < boxes; p++) {
      if (chosen[p] === 0) continue;
      const at = (first + p) * classes;
      const source = sums.sourceOf(p);
      sums.confidence[source] += softmaxGradient(
        confidence,
        at,
        classes,
        labels[p],
        positives,
        result.confidenceGradient,
      );
      if (labels[p] > 0) {
        const scale = options.alpha / positives;
        const { offsets } = targets;
        sums.localisation[source] += smoothL1(
          localisation,
          offsets,
          (first + p) * 4,
          scale,
          result.localisationGradient,
        );
      }
    }
  }
  return {
    ...result,
    positives,
    ...sums.dividedBy(positives),
  };
}

/** The losses of boxes added up for each source. */
export class LossSums {
  readonly confidence: number[];
  readonly localisation: number[];
  private readonly ends: readonly number[];

  constructor(boxesPerSource: readonly number[]) {
    let end = 0;
    this.ends = boxesPerSource.map((boxes) => (end += boxes));
    this.confidence = boxesPerSource.map(() => 0);
    this.localisation = boxesPerSource.map(() => 0);
  }

  /** The source of the default box `p` of a picture. */
  sourceOf(p: number): number {
    let source = 0;
    while (p >= this.ends[source]) source++;
    return source;
  }

  dividedBy(
    count: number,
  ): Pick<
    MultiBoxLoss,
    'confidenceLoss' | 'localisationLoss' | 'confidenceLossPerSource' | 'localisationLossPerSource'
  > {
    const confidenceLossPerSource = this.confidence.map((part) => part / count);
    const localisationLossPerSource = this.localisation.map((part) => part / count);
    return {
      confidenceLoss: total(confidenceLossPerSource),
      localisationLoss: total(localisationLossPerSource),
      confidenceLossPerSource,
      localisationLossPerSource,
    };
  }
}

const total = (parts: readonly number[]): number => parts.reduce((sum, part) => sum + part, 0);

/** -log softmax(row)[label], from the row's own maximum; never negative. */
function crossEntropy(scores: Float32Array, at: number, classes: number, label: number): number {
  let largest = scores[at];
  for (let c = 1; c < classes; c++) if (scores[at + c] > largest) largest = scores[at + c];
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(scores[at + c] - largest);
  return Math.max(0, Math.log(sum) + largest - scores[at + label]);
}

/** Writes (softmax - one hot) / N into the gradient and returns the cross entropy. */
function softmaxGradient(
  scores: Float32Array,
  at: number,
  classes: number,
  label: number,
  count: number,
  gradient: Float32Array,
): number {
  const loss = crossEntropy(scores, at, classes, label);
  const logSum = loss + scores[at + label];
  for (let c = 0; c < classes; c++) {
    gradient[at + c] = (Math.exp(scores[at + c] - logSum) - (c === label ? 1 : 0)) / count;
  }
  return loss;
}

/** Smooth L1 with β = 1, summed over the four offsets at `at`; writes scale · its derivative. */
function smoothL1(
  predicted: Float32Array,
  target: Float32Array,
  at: number,
  scale: number,
  gradient: Float32Array,
): number {
  let sum = 0;
  for (let i = at; i < at + 4; i++) {
    const difference = predicted[i] - target[i];
    const size = Math.abs(difference);
    sum += size < 1 ? 0.5 * difference * difference : size - 0.5;
    gradient[i] = scale * Math.max(-1, Math.min(1, difference));
  }
  return sum;
}
