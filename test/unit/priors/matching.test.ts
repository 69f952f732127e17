import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LOG_SIZE, decodeBoxes, encodeBox } from '@core/priors/coder';
import { CAFFE_RULES, detectObjects } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { createTargets, matchOverlaps, matchTargets } from '@core/priors/match';
import { mineHardNegatives } from '@core/priors/mining';
import { VOC300 } from '@core/priors/presets';
import { multiBoxLoss } from '../../support/reference-loss';
import { someObjects, unitBox } from '../../support/objects';

const square = (side: number) => ({ width: side, height: side });
const boxes = generateDefaultBoxes(VOC300, square(300), [38, 19, 10, 5, 3, 1].map(square));
const VARIANCES = [0.1, 0.2] as const;

describe('encode and decode', () => {
  it('are inverse for any box and any default box', () => {
    fc.assert(
      fc.property(unitBox(0.01), unitBox(0.05), ([...object], [x1, y1, x2, y2]) => {
        const prior = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
        // Beyond a factor of 62.5 in size the decoder stops on purpose.
        fc.pre(Math.log((object[2] - object[0]) / prior[2]) < MAX_LOG_SIZE);
        fc.pre(Math.log((object[3] - object[1]) / prior[3]) < MAX_LOG_SIZE);
        const offsets = new Float64Array(4);
        encodeBox(object, 0, prior, 0, VARIANCES, offsets);
        const decoded = decodeBoxes(offsets, prior, VARIANCES, new Float64Array(4));
        object.forEach((value, i) => expect(decoded[i]).toBeCloseTo(value, 9));
      }),
    );
  });

  it('stop at a size of 62.5 default boxes, whatever the network says', () => {
    const [x1, , x2] = decodeBoxes([0, 0, 1e6, -1e6], [0.5, 0.5, 0.1, 0.1], VARIANCES, new Float64Array(4));
    expect(x2 - x1).toBeCloseTo(6.25, 9);
  });
});

describe('matching', () => {
  it('gives every object a default box of its own, labels all it matched and encodes them', () => {
    fc.assert(
      fc.property(someObjects(12, 0.02), (objects) => {
        const { labels, matched, positives, offsets } = matchTargets(objects, boxes, 0.5, VARIANCES);
        const seen = new Set(matched.filter((object) => object >= 0));
        expect(seen.size).toBe(objects.classIndex.length);
        expect(matched.filter((object) => object >= 0).length).toBe(positives);
        matched.forEach((object, prior) => {
          if ((object < 0 ? 0 : objects.classIndex[object]) !== labels[prior]) expect.fail(`label of ${prior}`);
        });
        const prior = matched.findIndex((object) => object >= 0);
        const decoded = decodeBoxes(
          offsets.subarray(prior * 4, prior * 4 + 4),
          boxes.centers.subarray(prior * 4, prior * 4 + 4),
          VARIANCES,
          new Float64Array(4),
        );
        decoded.forEach((value, i) => expect(value).toBeCloseTo(objects.corners[matched[prior] * 4 + i], 4));
      }),
      { numRuns: 50 },
    );
  });

  it('gives equal objects different default boxes', () => {
    const same = [0.4, 0.4, 0.6, 0.6];
    const { matched } = matchTargets(
      { corners: [...same, ...same, ...same], classIndex: [1, 2, 3] },
      boxes,
      0.99,
      VARIANCES,
    );
    expect([0, 1, 2].map((object) => matched.filter((m) => m === object).length)).toEqual([1, 1, 1]);
  });

  it('breaks ties by the lowest default box, then the lowest object', () => {
    const matched = new Int32Array(3);
    matchOverlaps([0.4, 0.4, 0.1, 0.4, 0.4, 0.1], 2, 3, 0.5, matched);
    expect(Array.from(matched)).toEqual([0, 1, -1]);
    matchOverlaps([0.9, 0.6, 0.1, 0.8, 0.6, 0.7], 2, 3, 0.6, matched);
    expect(Array.from(matched)).toEqual([0, 0, 1]);
  });

  it("lets the later of two objects have a default box by the ports' rule, and the other go without (SPEC.md 4)", () => {
    const overlaps = [0.4, 0.3, 0.1, 0.45, 0.2, 0.05];
    const matched = new Int32Array(3);
    expect(matchOverlaps(overlaps, 2, 3, 0.5, matched)).toBe(2);
    expect(Array.from(matched)).toEqual([1, 0, -1]);
    expect(matchOverlaps(overlaps, 2, 3, 0.5, matched, 'lastWins')).toBe(1);
    expect(Array.from(matched)).toEqual([1, -1, -1]);
    // Below the threshold the robbed object still takes other default boxes that overlap it enough.
    expect(matchOverlaps(overlaps, 2, 3, 0.3, matched, 'lastWins')).toBe(2);
    expect(Array.from(matched)).toEqual([1, 0, -1]);
  });

  it('takes an overlap of exactly the threshold', () => {
    const matched = new Int32Array(3);
    expect(matchOverlaps([0.9, 0.5, 0.49], 1, 3, 0.5, matched)).toBe(2);
    expect(Array.from(matched)).toEqual([0, 0, -1]);
  });

  it('ignores objects without area, and leaves no trace of the picture before in reused targets', () => {
    const targets = createTargets(boxes.total);
    matchTargets({ corners: [0.1, 0.1, 0.9, 0.9], classIndex: [3] }, boxes, 0.5, VARIANCES, targets);
    expect(targets.positives).toBeGreaterThan(0);
    const flat = { corners: [0.5, 0.5, 0.5, 0.9, 0.7, 0.7, 0.6, 0.6, Number.NaN, 0, 1, 1], classIndex: [1, 2, 3] };
    const again = matchTargets(flat, boxes, 0.5, VARIANCES, targets);
    expect(again).toBe(targets);
    expect(again.positives).toBe(0);
    expect(again.labels.every((label) => label === 0) && again.offsets.every((value) => value === 0)).toBe(true);
  });
});

describe('hard negative mining', () => {
  it('takes the largest losses of the negatives, three for each positive, equal ones by index', () => {
    const selected = new Uint8Array(8);
    const labels = [0, 2, 0, 0, 0, 0, 0, 0];
    expect(mineHardNegatives([0.5, 9, 0.1, 0.5, 0.7, 0.5, 0.5, 0.2], labels, 3, selected)).toBe(3);
    expect(Array.from(selected)).toEqual([1, 1, 0, 1, 1, 0, 0, 0]);
  });

  it('takes none without positives, all when there are too few, and rounds the number down', () => {
    const selected = new Uint8Array(3);
    expect(mineHardNegatives([1, 2, 3], [0, 0, 0], 3, selected)).toBe(0);
    expect(Array.from(selected)).toEqual([0, 0, 0]);
    expect(mineHardNegatives([1, 2, 3], [1, 0, 0], 3, selected)).toBe(2);
    expect(mineHardNegatives([1, 2, 3], [1, 0, 0], 1.9, selected)).toBe(1);
    expect(Array.from(selected)).toEqual([1, 0, 1]);
  });

  it('is what sorting all negatives gives', () => {
    const losses = fc.array(fc.constantFrom(0, 0.25, 0.5, 1, 2), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        losses,
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 4 }),
        (values, positives, ratio) => {
          const labels = values.map((_, i) => (i < positives ? 1 : 0));
          const selected = new Uint8Array(values.length);
          mineHardNegatives(values, labels, ratio, selected);
          const negatives = values.map((_, i) => i).filter((i) => labels[i] === 0);
          const hardest = negatives
            .sort((i, j) => values[j] - values[i] || i - j)
            .slice(0, ratio * (values.length - negatives.length));
          const expected = values.map((_, i) => (labels[i] > 0 || hardest.includes(i) ? 1 : 0));
          expect(Array.from(selected)).toEqual(expected);
        },
      ),
    );
  });

  it('makes the loss of a batch without objects exactly 0', () => {
    const empty = { labels: new Int32Array(4), targets: new Float32Array(16) };
    const input = {
      ...empty,
      logits: Float32Array.from({ length: 8 }, (_, i) => i),
      offsets: new Float32Array(16).fill(1),
    };
    expect(multiBoxLoss([input, input], 2, 3)).toEqual({ confidence: 0, localisation: 0, positives: 0 });
  });
});

describe('detections', () => {
  const centers = Float32Array.from([0.25, 0.5, 0.2, 0.2, 0.26, 0.5, 0.2, 0.2, 0.9, 0.5, 0.4, 0.4]);
  const defaultBoxes = { centers, total: 3 };
  const picture = { width: 200, height: 100 };
  const noOffsets = new Float32Array(12);

  it('are suppressed within a class, not across classes, clipped and in pixels, best first', () => {
    const confidences = Float32Array.from([0.1, 0.8, 0.1, 0.2, 0.2, 0.6, 0.5, 0.5, 0]);
    const found = detectObjects(confidences, noOffsets, defaultBoxes, VARIANCES, picture);
    expect(found.map(({ classIndex, prior }) => [classIndex, prior])).toEqual([
      [0, 0],
      [1, 1],
      [0, 2],
    ]);
    const { x1, y1, x2, y2 } = found[2].box;
    [x1, y1, x2, y2].forEach((value, i) => expect(value).toBeCloseTo([140, 30, 200, 70][i], 4));
  });

  it('need a score above the threshold, not equal to it', () => {
    const rules = { ...CAFFE_RULES, scoreThreshold: 0.5 };
    const confidences = Float32Array.from([0.5, 0.5, 0.49, 0.51, 1, 0]);
    const two = { centers: centers.subarray(0, 8), total: 2 };
    expect(detectObjects(confidences, noOffsets.subarray(0, 8), two, VARIANCES, picture, rules)).toHaveLength(1);
  });

  it('are suppressed in whole pixels of the picture where the rules say so', () => {
    // The first two overlap by .905 of 40 x 20 pixels; one pixel more gives .908.
    const confidences = Float32Array.from([0.2, 0.8, 0.3, 0.7, 0.9, 0.1]);
    const rules = { ...CAFFE_RULES, scoreThreshold: 0.5, iouThreshold: 0.9065 };
    const found = (pixels: 'continuous' | 'inclusive') =>
      detectObjects(confidences, noOffsets, defaultBoxes, VARIANCES, picture, { ...rules, pixels }).length;
    expect(found('continuous')).toBe(2);
    expect(found('inclusive')).toBe(1);
  });

  it('are cut at so many per class and per picture', () => {
    const confidences = Float32Array.from([0.1, 0.8, 0.1, 0.2, 0.2, 0.6, 0.5, 0.5, 0]);
    const found = (rules: object) =>
      detectObjects(confidences, noOffsets, defaultBoxes, VARIANCES, picture, { ...CAFFE_RULES, ...rules }).length;
    expect(found({ perImage: 2 })).toBe(2);
    expect(found({ perClass: 1 })).toBe(2);
  });
});
