import { describe, expect, it } from 'vitest';
import { multiBoxLoss } from '../../../src-main/engine/loss';
import { crossEntropy, smoothL1 } from '../../support/reference-loss';

const options = { alpha: 1, negativesPerPositive: 3 };

/** Two pictures of eight boxes and three classes; the second has no object. */
function batch() {
  const wave = (i: number) => 3 * Math.sin(1.7 * i + 0.3 * i * i);
  return {
    confidence: Float32Array.from({ length: 2 * 8 * 3 }, (_, i) => wave(i)),
    localisation: Float32Array.from({ length: 2 * 8 * 4 }, (_, i) => wave(i + 5)),
    labels: new Int32Array([0, 2, 0, 0, 0, 0, 0, 0, ...new Array<number>(8).fill(0)]),
    offsets: Float32Array.from({ length: 2 * 8 * 4 }, (_, i) => wave(i + 9) / 2),
  };
}

const lossOf = (b: ReturnType<typeof batch>, o = options) =>
  multiBoxLoss(b.confidence, b.localisation, { labels: b.labels, offsets: b.offsets }, 2, 3, o);

describe('the MultiBox loss', () => {
  it('is the positive and its three hardest negatives, none from a picture without objects', () => {
    const b = batch();
    const row = (p: number) => [...b.confidence.subarray(p * 3, p * 3 + 3)];
    const negatives = [0, 2, 3, 4, 5, 6, 7].map((p) => crossEntropy(row(p), 0)).sort((x, y) => y - x);
    const expected = crossEntropy(row(1), 2) + negatives[0] + negatives[1] + negatives[2];
    const { confidenceLoss, localisationLoss, positives } = lossOf(b);
    expect(positives).toBe(1);
    expect(confidenceLoss).toBeCloseTo(expected, 6);
    const localisation = [4, 5, 6, 7].reduce((sum, i) => sum + smoothL1(b.localisation[i] - b.offsets[i]), 0);
    expect(localisationLoss).toBeCloseTo(localisation, 6);
  });

  it('has the gradients of central differences', () => {
    const b = batch();
    const total = (moved: ReturnType<typeof batch>) => {
      const { confidenceLoss, localisationLoss } = lossOf(moved, { ...options, alpha: 2 });
      return confidenceLoss + 2 * localisationLoss;
    };
    const { confidenceGradient, localisationGradient } = lossOf(b, { ...options, alpha: 2 });
    for (const [key, gradient] of [
      ['confidence', confidenceGradient],
      ['localisation', localisationGradient],
    ] as const) {
      gradient.forEach((value, i) => {
        const at = (difference: number) => {
          const moved = { ...b, [key]: b[key].slice() };
          moved[key][i] += difference;
          return total(moved);
        };
        expect(value).toBeCloseTo((at(1e-3) - at(-1e-3)) / 2e-3, 2);
      });
    }
  });

  it('is exactly 0 with finite gradients when no picture has an object', () => {
    const b = batch();
    b.labels.fill(0);
    const { confidenceLoss, localisationLoss, confidenceGradient, localisationGradient } = lossOf(b);
    expect([confidenceLoss, localisationLoss]).toEqual([0, 0]);
    expect([...confidenceGradient, ...localisationGradient].every((value) => value === 0)).toBe(true);
  });

  it('takes every negative when there are fewer than three per positive', () => {
    const b = batch();
    b.labels.set([1, 2, 1, 2, 1, 2, 0, 0]);
    const { confidenceGradient } = lossOf(b);
    expect([...confidenceGradient.subarray(0, 8 * 3)].filter((value) => value !== 0)).toHaveLength(8 * 3);
  });

  it('stays finite for scores that overflow a plain softmax', () => {
    const b = batch();
    b.confidence.fill(0);
    b.confidence.set([-1000, 1000, 0], 3);
    const { confidenceLoss, confidenceGradient } = lossOf(b);
    expect(confidenceLoss).toBeCloseTo(1000 + 3 * Math.log(3), 3);
    expect([...confidenceGradient].every(Number.isFinite)).toBe(true);
  });
});
