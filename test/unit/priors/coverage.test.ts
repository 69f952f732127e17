import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iouAt } from '@core/geometry/overlap';
import type { DefaultBoxConfiguration, PriorClipping } from '@core/priors/configuration';
import { analyseCoverage, bestOverlaps, matchingBoxes, recallCurve } from '@core/priors/coverage';
import { generateDefaultBoxes, sourceOf } from '@core/priors/generate';
import { matchTargets } from '@core/priors/match';
import { VOC300, presetDefaultBoxes } from '@core/priors/presets';
import { columnsOf, someObjects } from '../../support/objects';

const square = (side: number) => ({ width: side, height: side });
const MAPS = [38, 19, 10, 5, 3, 1].map(square);

/** Any grid: several shapes, sizes beyond the picture, steps that overrun it or stop short, offsets, every clipping. */
const anyConfiguration: fc.Arbitrary<DefaultBoxConfiguration> = fc.record({
  sources: fc.tuple(anySource(), anySource()),
  clip: fc.constantFrom<PriorClipping>('none', 'all', 'size'),
  offset: fc.double({ min: 0, max: 1, noNaN: true }),
  variances: fc.constant([0.1, 0.2] as const),
});

function anySource() {
  const size = fc.double({ min: 5, max: 400, noNaN: true });
  return fc.record({
    minSizes: fc.array(size, { minLength: 1, maxLength: 2 }),
    maxSizes: fc.array(size, { maxLength: 1 }),
    aspectRatios: fc.subarray([2, 3]),
    step: fc.option(
      fc.tuple(fc.double({ min: 10, max: 60, noNaN: true }), fc.double({ min: 10, max: 60, noNaN: true })),
    ),
  });
}

describe('the best default box of each object', () => {
  it('is the one that comparing with all of them finds, for any grid and any clipping', () => {
    fc.assert(
      fc.property(anyConfiguration, someObjects(6), (configuration, objects) => {
        const boxes = generateDefaultBoxes(configuration, { width: 320, height: 240 }, [
          { width: 12, height: 9 },
          { width: 5, height: 1 },
        ]);
        const coverage = analyseCoverage(columnsOf([objects]), boxes, 0.5);
        for (let object = 0; object < objects.classIndex.length; object++) {
          let best = 0;
          for (let prior = 0; prior < boxes.total; prior++) {
            best = Math.max(best, iouAt(objects.corners, object, boxes.corners, prior));
          }
          expect(coverage.bestIou[object]).toBeCloseTo(best, 5);
          const prior = coverage.bestPrior[object];
          if (prior < 0) continue;
          expect(iouAt(objects.corners, object, boxes.corners, prior)).toBeCloseTo(best, 5);
          expect(coverage.bestSource[object]).toBe(sourceOf(boxes, prior));
        }
        const alone = new Float64Array(objects.classIndex.length);
        bestOverlaps(columnsOf([objects]), boxes.grids, alone);
        alone.forEach((value, i) => expect(value).toBeCloseTo(coverage.bestIou[i], 5));
      }),
      { numRuns: 300 },
    );
  });
});

describe('expected positives', () => {
  it('are those of the matching, per source, for pictures of one object', () => {
    const boxes = generateDefaultBoxes(VOC300, square(300), MAPS);
    fc.assert(
      fc.property(someObjects(1), fc.constantFrom(0.35, 0.5, 0.7), (objects, threshold) => {
        const { positivesPerSource } = analyseCoverage(columnsOf([objects]), boxes, threshold);
        const expected = [0, 0, 0, 0, 0, 0];
        matchTargets(objects, boxes, threshold, [0.1, 0.2]).matched.forEach((object, prior) => {
          if (object >= 0) expected[sourceOf(boxes, prior)]++;
        });
        // An overlap within rounding of the threshold may fall on either side.
        positivesPerSource.forEach((value, k) => expect(Math.abs(value - expected[k])).toBeLessThanOrEqual(1));
        expect(sum(positivesPerSource)).toBeLessThanOrEqual(sum(expected) + 1);
      }),
      { numRuns: 100 },
    );
  });

  it('count a default box once per picture, and again in the next', () => {
    const boxes = generateDefaultBoxes(VOC300, square(300), MAPS);
    const object = { corners: [0.2, 0.2, 0.6, 0.6], classIndex: [1] };
    const twice = { corners: [...object.corners, ...object.corners], classIndex: [1, 2] };
    const one = sum(analyseCoverage(columnsOf([object]), boxes, 0.5).positivesPerSource);
    expect(one).toBeGreaterThan(3);
    expect(sum(analyseCoverage(columnsOf([twice]), boxes, 0.5).positivesPerSource)).toBe(one);
    expect(sum(analyseCoverage(columnsOf([object, object]), boxes, 0.5).positivesPerSource)).toBe(2 * one);
  });
});

describe('the shares', () => {
  const boxes = generateDefaultBoxes(VOC300, square(300), MAPS);

  it('are matched, forced and unmatched, in whatever order the pictures come', () => {
    const objects = {
      imageId: [2, 1, 2],
      x1: [0.2, 0.5, 0.4],
      y1: [0.2, 0.5, 0.4],
      x2: [0.6, 0.51, 0.4],
      y2: [0.6, 0.51, 0.5],
    };
    const coverage = analyseCoverage(objects, boxes, 0.5);
    expect([coverage.matched, coverage.forced, coverage.unmatched, coverage.images]).toEqual([1, 1, 1, 2]);
    expect(coverage.bestPrior[2]).toBe(-1);
  });

  it('are nothing for a project without objects', () => {
    const coverage = analyseCoverage(columnsOf([]), boxes, 0.5);
    expect([coverage.matched, coverage.forced, coverage.unmatched, coverage.images]).toEqual([0, 0, 0, 0]);
    expect(recallCurve(coverage.bestIou, [0.5])).toEqual([0]);
  });
});

describe('the recall curve', () => {
  it('is the share of objects at or above each threshold, in any order of thresholds', () => {
    expect(recallCurve([0.3, 0.5, 0.9, 0.7], [0, 0.5, 0.6, 1, 0.4])).toEqual([1, 0.75, 0.5, 0, 0.75]);
  });
});

describe('matching boxes', () => {
  it('say which source, how well and whether only forced', () => {
    const network = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
    const maps = [40, 20, 10, 5].map((width, k) => ({ width, height: [30, 15, 8, 4][k] }));
    const boxes = generateDefaultBoxes(presetDefaultBoxes(network), network.input, maps);
    const objects = { corners: [0.1, 0.1, 0.3, 0.3667, 0.8, 0.8, 0.81, 0.8133], classIndex: [1, 1] };
    const found = matchingBoxes(objects, boxes, 0.5);
    const large = found.filter((box) => box.object === 0);
    const small = found.filter((box) => box.object === 1);
    expect(large.length).toBeGreaterThan(0);
    for (const box of large) expect(box.iou >= 0.5 && !box.forced && [1, 2].includes(box.source)).toBe(true);
    expect(small).toHaveLength(1);
    expect(small[0].forced && small[0].source === 0).toBe(true);
  });
});

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
