/** Matching, mining, loss and decoding at their edges (SPEC.md 3 to 5). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iouAt } from '@core/geometry/overlap';
import { decodeBoxes } from '@core/priors/coder';
import { detectObjects } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { matchTargets } from '@core/priors/match';
import { VOC300 } from '@core/priors/presets';
import { multiBoxLoss } from '../../../src-main/engine/loss';
import { crossEntropy } from '../../support/reference-loss';
import { someObjects } from '../../support/objects';

const square = (side: number) => ({ width: side, height: side });
const boxes = generateDefaultBoxes(VOC300, square(300), [38, 19, 10, 5, 3, 1].map(square));
const VARIANCES = [0.1, 0.2] as const;
const THRESHOLD = 0.5;

const match = (corners: readonly number[], defaultBoxes = boxes) => {
  const classIndex = Array.from({ length: corners.length / 4 }, (_, i) => i + 1);
  return matchTargets({ corners, classIndex }, defaultBoxes, THRESHOLD, VARIANCES);
};
const matchesOf = (object: number, matched: Int32Array) => matched.reduce((n, m) => n + Number(m === object), 0);

describe('matching at its edges', () => {
  it('makes positives of what overlaps by the threshold, and beside it of one default box per object at most', () => {
    fc.assert(
      fc.property(someObjects(15, 0.005), (objects) => {
        const { matched } = matchTargets(objects, boxes, THRESHOLD, VARIANCES);
        const forced = new Map<number, number>();
        matched.forEach((object, prior) => {
          if (object < 0) return;
          const overlap = Math.fround(iouAt(objects.corners, object, boxes.corners, prior));
          if (overlap < THRESHOLD) forced.set(object, (forced.get(object) ?? 0) + 1);
        });
        for (const [object, count] of forced) expect(count, `object ${object}`).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves no default box out that overlaps an object by the threshold', () => {
    fc.assert(
      fc.property(someObjects(6, 0.02), (objects) => {
        const { matched } = matchTargets(objects, boxes, THRESHOLD, VARIANCES);
        for (let prior = 0; prior < boxes.total; prior++) {
          if (matched[prior] >= 0) continue;
          for (let object = 0; object < objects.classIndex.length; object++) {
            if (Math.fround(iouAt(objects.corners, object, boxes.corners, prior)) >= THRESHOLD) expect.fail(`${prior}`);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('gives each default box one object where there are more objects than default boxes', () => {
    const few = generateDefaultBoxes({ ...VOC300, sources: VOC300.sources.slice(5) }, square(300), [square(1)]);
    expect(few.total).toBe(4);
    const corners = Array.from({ length: 9 }, (_, i) => [0.1, 0.1, 0.8 + i / 100, 0.9]).flat();
    const { matched, positives } = match(corners, few);
    expect(positives).toBe(4);
    expect(new Set(matched).size).toBe(4);
    expect(matched.every((object) => object >= 0)).toBe(true);
  });

  it('takes objects at the very border of the picture, and as large as it, as any other', () => {
    const corners = [0, 0, 0.05, 0.05, 0.95, 0.95, 1, 1, 0, 0.4, 0.1, 0.5, 0, 0, 1, 1, 0.9995, 0, 1, 1];
    const { matched, offsets } = match(corners);
    for (let object = 0; object < 5; object++) expect(matchesOf(object, matched), `${object}`).toBeGreaterThan(0);
    expect(offsets.every(Number.isFinite)).toBe(true);
  });

  it('gives an object smaller than a pixel its one default box', () => {
    const { matched, positives, offsets } = match([0.5, 0.5, 0.5005, 0.5005]);
    expect([positives, matchesOf(0, matched)]).toEqual([1, 1]);
    expect(offsets.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['no width', [0.5, 0.2, 0.5, 0.4]],
    ['no height', [0.2, 0.5, 0.4, 0.5]],
    ['inverted', [0.6, 0.6, 0.4, 0.4]],
    ['x1 not a number', [NaN, 0.1, 0.4, 0.4]],
    ['y2 not a number', [0.1, 0.1, 0.4, NaN]],
    ['without end', [0.1, 0.1, Infinity, 0.4]],
    ['far outside', [3, 3, 4, 4]],
  ])('an object with %s matches nothing and takes nothing from others', (_, broken) => {
    const good = [0.3, 0.3, 0.6, 0.6];
    const alone = match(good);
    const { matched, positives, offsets } = match([...broken, ...good]);
    expect(positives).toBe(alone.positives);
    expect(matchesOf(0, matched)).toBe(0);
    expect(offsets).toEqual(alone.offsets);
  });
});

describe('decoding at its edges', () => {
  const far = fc.constantFrom(-1e6, -1e3, 0, 1e3, 1e6);

  it('gives finite boxes for any finite offsets of up to a million', () => {
    fc.assert(
      fc.property(fc.tuple(far, far, far, far), fc.nat(boxes.total - 1), (offsets, prior) => {
        const center = boxes.centers.subarray(prior * 4, prior * 4 + 4);
        const [x1, y1, x2, y2] = decodeBoxes(offsets, center, VARIANCES, new Float32Array(4));
        expect([x1, y1, x2, y2].every(Number.isFinite)).toBe(true);
        expect(x2 >= x1 && y2 >= y1).toBe(true);
      }),
    );
  });

  it('finds nothing in boxes that are not numbers or lie outside, and the rest all the same', () => {
    const confidences = new Float32Array(boxes.total * 2);
    for (const prior of [100, 2000, 4000, 8000]) confidences[2 * prior + 1] = 0.9;
    const offsets = new Float32Array(boxes.total * 4);
    offsets[4 * 100] = NaN;
    offsets[4 * 2000 + 2] = NaN;
    offsets[4 * 4000] = 1e6;
    const found = detectObjects(confidences, offsets, boxes, VARIANCES, square(300));
    expect(found.map(({ prior }) => prior)).toEqual([8000]);
  });
});

describe('the loss at its edges', () => {
  const [pictures, priors, classes] = [2, 12, 3];
  const options = { alpha: 1, negativesPerPositive: 3 };
  const logits = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), {
    minLength: pictures * priors * classes,
    maxLength: pictures * priors * classes,
  });
  const labels = fc.array(fc.constantFrom(0, 0, 0, 1, 2), {
    minLength: pictures * priors,
    maxLength: pictures * priors,
  });

  it('is finite with finite gradients for class scores of up to ten thousand, and counts the hardest negatives', () => {
    fc.assert(
      fc.property(logits, labels, (scores, given) => {
        const confidence = Float32Array.from(scores);
        const localisation = Float32Array.from({ length: pictures * priors * 4 }, (_, i) => scores[i % scores.length]);
        const targets = { labels: Int32Array.from(given), offsets: new Float32Array(localisation.length) };
        const loss = multiBoxLoss(confidence, localisation, targets, pictures, classes, options);
        expect(Number.isFinite(loss.confidenceLoss) && loss.confidenceLoss >= 0).toBe(true);
        expect(Number.isFinite(loss.localisationLoss) && loss.localisationLoss >= 0).toBe(true);
        expect([...loss.confidenceGradient, ...loss.localisationGradient].every(Number.isFinite)).toBe(true);

        const row = (i: number) => confidence.subarray(i * classes, (i + 1) * classes);
        let expected = 0;
        for (let p = 0; p < pictures; p++) {
          const own = Array.from({ length: priors }, (_, i) => p * priors + i);
          const positive = own.filter((i) => given[i] > 0);
          const negative = own.filter((i) => given[i] === 0).map((i) => crossEntropy(row(i), 0));
          const hardest = negative.sort((a, b) => b - a).slice(0, 3 * positive.length);
          expected += [...positive.map((i) => crossEntropy(row(i), given[i])), ...hardest].reduce((a, b) => a + b, 0);
        }
        const n = given.filter((label) => label > 0).length;
        expect(Math.abs(loss.confidenceLoss - (n === 0 ? 0 : expected / n))).toBeLessThan(1e-3 * (1 + expected));
      }),
    );
  });

  it('has no gradient in a picture without objects, and is exactly 0 where no picture has one', () => {
    const confidence = Float32Array.from({ length: pictures * priors * classes }, (_, i) => Math.sin(i));
    const localisation = new Float32Array(pictures * priors * 4).fill(2);
    const targets = { labels: new Int32Array(pictures * priors), offsets: new Float32Array(localisation.length) };
    const none = multiBoxLoss(confidence, localisation, targets, pictures, classes, options);
    expect([none.confidenceLoss, none.localisationLoss, none.positives]).toEqual([0, 0, 0]);
    expect([...none.confidenceGradient, ...none.localisationGradient].every((value) => value === 0)).toBe(true);
    targets.labels[3] = 1;
    const first = multiBoxLoss(confidence, localisation, targets, pictures, classes, options);
    const second = first.confidenceGradient.subarray(priors * classes);
    expect(second.every((value) => value === 0)).toBe(true);
    expect(first.confidenceGradient.some((value) => value !== 0)).toBe(true);
  });
});
