/** The MultiBox loss written plainly over numbers (SPEC.md 5): the oracle for the tensor version. */
import { mineHardNegatives } from '@core/priors/mining';

export function smoothL1(difference: number): number {
  const size = Math.abs(difference);
  return size < 1 ? 0.5 * size * size : size - 0.5;
}

/** -log softmax(logits)[label]. */
export function crossEntropy(logits: ArrayLike<number>, label: number): number {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0)) - values[label];
}

export interface LossInput {
  /** [P, classes] */
  readonly logits: Float32Array;
  /** [P, 4] */
  readonly offsets: Float32Array;
  readonly labels: Int32Array;
  readonly targets: Float32Array;
}

/** Both parts over a batch, each already divided by N = max(1, positives of the batch). */
export function multiBoxLoss(
  batch: readonly LossInput[],
  classes: number,
  negativesPerPositive: number,
): { readonly confidence: number; readonly localisation: number; readonly positives: number } {
  let confidence = 0;
  let localisation = 0;
  let positives = 0;
  for (const { logits, offsets, labels, targets } of batch) {
    const row = (prior: number): Float32Array => logits.subarray(prior * classes, (prior + 1) * classes);
    const selected = new Uint8Array(labels.length);
    const background = Array.from(labels, (_, prior) => crossEntropy(row(prior), 0));
    mineHardNegatives(background, labels, negativesPerPositive, selected);
    labels.forEach((label, prior) => {
      if (selected[prior]) confidence += crossEntropy(row(prior), label);
      if (label === 0) return;
      positives++;
      for (let i = prior * 4; i < prior * 4 + 4; i++) localisation += smoothL1(offsets[i] - targets[i]);
    });
  }
  const n = Math.max(1, positives);
  return { confidence: confidence / n, localisation: localisation / n, positives };
}
