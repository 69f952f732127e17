import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iou } from '@core/geometry/overlap';
import { CANDIDATE_SCORE, candidatesByPicture, confidentNegatives, negativesByLoss } from '@core/priors/hard-negatives';

const CLASSES = 4;
const variances = [0.1, 0.2] as const;
const softmax = (row: readonly number[]) => {
  const exps = row.map(Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
};
const rowOf = (confidence: Float32Array, box: number) => [...confidence.subarray(box * CLASSES, (box + 1) * CLASSES)];

/** Two pictures of 30 boxes with any scores and labels. */
const anyBatch = fc.record({
  confidence: fc
    .array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 240, maxLength: 240 })
    .map((scores) => Float32Array.from(scores)),
  labels: fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }).map((labels) => Int32Array.from(labels)),
});
const offsets = Float32Array.from({ length: 240 }, (_, i) => Math.sin(i));
/** A row of small squares. */
const centers = Float32Array.from({ length: 120 }, (_, i) => [(i >> 2) / 30, 0.5, 0.02, 0.02][i % 4]);

describe('confident negatives', () => {
  it('are the negatives that a class scores 0.4 or more in after softmax, with their rows', () => {
    fc.assert(
      fc.property(anyBatch, ({ confidence, labels }) => {
        const negatives = confidentNegatives(confidence, offsets, labels, 2);
        const scores = candidatesByPicture(negatives, 2, centers, variances).flat();
        for (const { score } of scores) expect(score).toBeGreaterThanOrEqual(CANDIDATE_SCORE);
        const chosen = new Set(negatives.at);
        for (let box = 0; box < 60; box++) {
          const best = Math.max(...softmax(rowOf(confidence, box)).slice(1));
          if (labels[box] === 0 && best > CANDIDATE_SCORE + 1e-6) expect(chosen.has(box)).toBe(true);
          if (labels[box] !== 0) expect(chosen.has(box)).toBe(false);
        }
        negatives.at.forEach((box, i) => {
          expect([...negatives.scores.subarray(i * CLASSES, (i + 1) * CLASSES)]).toEqual(rowOf(confidence, box));
          expect(negatives.offsets[i * 4 + 2]).toBe(offsets[box * 4 + 2]);
        });
      }),
    );
  });

  it('are all among those chosen by the losses alone, where the scores are on a device', () => {
    fc.assert(
      fc.property(anyBatch, ({ confidence, labels }) => {
        const losses = Float32Array.from(labels, (_, box) => -Math.log(softmax(rowOf(confidence, box))[0]));
        const byLoss = new Set(negativesByLoss(losses, labels, 2));
        const { at, scores, offsets: own } = confidentNegatives(confidence, offsets, labels, 2);
        at.forEach((box, i) => {
          const best = Math.max(...softmax([...scores.subarray(i * CLASSES, (i + 1) * CLASSES)]).slice(1));
          if (best > CANDIDATE_SCORE + 1e-6) expect(byLoss.has(box)).toBe(true);
        });
        expect(own.length).toBe(at.length * 4);
      }),
    );
  });

  it('become candidates: decoded, of a class, and of those that overlap the best alone', () => {
    const at = Int32Array.from([3, 4, 20, 33]);
    const scores = Float32Array.from([0, 5, 0, 0, 0, 4, 0, 0, 0, 0, 3, 0, 0, 0, 0, 2]);
    const still = new Float32Array(16);
    // The second lies where the first does: moved back by one place, 1/30 of the picture.
    still[4] = -1 / 30 / 0.02 / 0.1;
    const [first, second] = candidatesByPicture({ at, scores, offsets: still }, 2, centers, variances);
    expect(first.map(({ classIndex }) => classIndex)).toEqual([0, 1]);
    expect(second.map(({ classIndex }) => classIndex)).toEqual([2]);
    expect(first[0].score).toBeCloseTo(softmax([0, 5, 0, 0])[1], 6);
    expect(iou(first[0].box, { x1: 0.09, y1: 0.49, x2: 0.11, y2: 0.51 })).toBeGreaterThan(0.99);
  });

  it('are the hardest alone where a network takes everything for an object', () => {
    const boxes = 1000;
    const confidence = Float32Array.from({ length: boxes * 2 }, (_, i) => (i % 2 ? 1 + i / 1000 : 0));
    const { at } = confidentNegatives(confidence, new Float32Array(boxes * 4), new Int32Array(boxes), 1);
    expect(at.length).toBe(400);
    expect(Math.min(...at)).toBe(600);
  });
});
