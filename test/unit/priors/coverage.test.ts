import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iouAt } from '@core/geometry/overlap';
import { analyseCoverage, CoverageAnalyser, matchingBoxes, recallCurve } from '@core/priors/coverage';
import { type DefaultBoxes, generateDefaultBoxes, sourceGrids, sourceOf } from '@core/priors/generate';
import { raiseOverlaps } from '@core/priors/grid-overlap';
import { matchTargets, type MatchObjects } from '@core/priors/match';
import { objectTable } from '@core/priors/object-table';
import { VOC300, presetDefaultBoxes } from '@core/priors/presets';
import { anyConfiguration } from '../../support/default-boxes';
import { columnsOf, someObjects } from '../../support/objects';

const square = (side: number) => ({ width: side, height: side });
const MAPS = [38, 19, 10, 5, 3, 1].map(square);

/** Every IoU of every object of one picture with every default box. */
function allOverlaps({ corners, classIndex }: MatchObjects, boxes: DefaultBoxes): number[][] {
  return Array.from(classIndex, (_, object) =>
    Array.from({ length: boxes.total }, (__, prior) => iouAt(corners, object, boxes.corners, prior)),
  );
}

const INPUT = { width: 320, height: 240 };
const TWO_MAPS = [
  { width: 12, height: 9 },
  { width: 5, height: 1 },
];

describe('against all overlaps, for any grid, clipping, step, offset and order', () => {
  const check = (most: number, runs: number, body: (boxes: DefaultBoxes, objects: MatchObjects) => void) =>
    fc.assert(
      fc.property(anyConfiguration, someObjects(most), (configuration, objects) =>
        body(generateDefaultBoxes(configuration, INPUT, TWO_MAPS), objects),
      ),
      { numRuns: runs },
    );

  it('the best default box of each object, of all sources and of each, is the one that they show', () => {
    check(6, 300, (boxes, objects) => {
      const coverage = analyseCoverage(columnsOf([objects]), boxes, 0.5);
      const alone = new Float64Array(objects.classIndex.length);
      for (const grid of boxes.grids) raiseOverlaps(objectTable(columnsOf([objects])), grid, alone);
      allOverlaps(objects, boxes).forEach((row, object) => {
        const best = Math.max(0, ...row);
        expect(coverage.bestIou[object]).toBeCloseTo(best, 5);
        expect(alone[object]).toBeCloseTo(best, 5);
        boxes.grids.forEach((_, k) => {
          const ofSource = row.slice(boxes.offsets[k], boxes.offsets[k + 1]);
          expect(coverage.sourceIou[k][object]).toBeCloseTo(Math.max(0, ...ofSource), 5);
        });
        const prior = coverage.bestPrior[object];
        if (prior < 0) return;
        expect(row[prior]).toBeCloseTo(best, 5);
        expect(coverage.bestSource[object]).toBe(sourceOf(boxes, prior));
      });
    });
  });

  it('objects get default boxes of their own, and no two would both be better off with another', () => {
    check(12, 300, (boxes, objects) => {
      const { ownPrior } = analyseCoverage(columnsOf([objects]), boxes, 0.5);
      const overlaps = allOverlaps(objects, boxes);
      const owned = Array.from(ownPrior).filter((prior) => prior >= 0);
      expect(new Set(owned).size).toBe(owned.length);
      const ownerOf = new Map(Array.from(ownPrior, (prior, object) => [prior, object]));
      overlaps.forEach((row, object) => {
        const has = ownPrior[object] < 0 ? 0 : row[ownPrior[object]];
        row.forEach((iou, prior) => {
          if (iou <= Math.max(has, 1e-6) + 1e-5) return;
          const owner = ownerOf.get(prior);
          // A better box is another object's, which overlaps it at least as much.
          expect(owner !== undefined && overlaps[owner][prior] >= iou - 1e-5).toBe(true);
        });
      });
    });
  });

  it('the numbers of objects and of positives are those that they show', () => {
    check(8, 300, (boxes, objects) => {
      const overlaps = allOverlaps(objects, boxes);
      // Symmetric places and overlaps at the threshold are equal up to rounding: nothing can be counted there.
      const threshold = 0.437;
      fc.pre(overlaps.every((row) => row.every((iou) => Math.abs(iou - threshold) > 1e-5)));
      const coverage = analyseCoverage(columnsOf([objects]), boxes, threshold);
      const bests = overlaps.map((row) => Math.max(...row));
      expect(coverage.matched).toBe(bests.filter((best) => best >= threshold).length);
      expect(coverage.forced).toBe(
        overlaps.filter((_, object) => coverage.ownPrior[object] >= 0 && bests[object] < threshold).length,
      );
      const positives = boxes.grids.map(() => 0);
      for (let prior = 0; prior < boxes.total; prior++) {
        const own = coverage.ownPrior.includes(prior);
        if (own || overlaps.some((row) => row[prior] >= threshold)) positives[sourceOf(boxes, prior)]++;
      }
      expect(coverage.positivesPerSource).toEqual(positives);
      const displaced = overlaps.filter((row, object) => {
        const prior = coverage.ownPrior[object];
        return bests[object] > 1e-6 && (prior < 0 ? 0 : row[prior]) < bests[object] - 1e-5;
      });
      // Overlaps are computed twice with other roundings: between these two counts lie places that are nearly alike.
      expect(coverage.displaced).toBeGreaterThanOrEqual(displaced.length);
      const elsewhere = Array.from(coverage.ownPrior).filter((prior, object) => prior !== coverage.bestPrior[object]);
      expect(coverage.displaced).toBeLessThanOrEqual(elsewhere.length);
    });
  });
});

describe('a second question about the same objects', () => {
  it('is answered as the first would be', () => {
    fc.assert(
      fc.property(
        anyConfiguration,
        anyConfiguration,
        fc.array(someObjects(4), { minLength: 1, maxLength: 4 }),
        (a, b, pictures) => {
          const analyser = new CoverageAnalyser(columnsOf(pictures));
          const mixed = { ...a, sources: [a.sources[0], b.sources[1]] };
          for (const [configuration, threshold] of [
            [a, 0.5],
            [mixed, 0.5],
            [mixed, 0.4],
            [a, 0.4],
          ] as const) {
            const grids = sourceGrids(configuration, INPUT, TWO_MAPS);
            expect(analyser.cover(grids, threshold)).toEqual(
              analyseCoverage(columnsOf(pictures), { grids }, threshold),
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a source that was looked at elsewhere', () => {
  it('is taken over, and the others alone are looked at', () => {
    const pictures = fc.sample(someObjects(4, 0.02), 3);
    const columns = columnsOf(pictures);
    const grids = sourceGrids(VOC300, square(300), MAPS);
    const analyser = new CoverageAnalyser(columns);
    expect(analyser.unknown(grids, 0.5)).toEqual([0, 1, 2, 3, 4, 5]);
    const nothing = { iou: new Float64Array(columns.x1.length), box: new Int32Array(columns.x1.length).fill(-1) };
    analyser.keep(2, grids[2], 0.5, { ...nothing, positives: 0 });
    analyser.look(4, grids[4], 0.5);
    expect(analyser.unknown(grids, 0.5)).toEqual([0, 1, 3, 5]);
    const coverage = analyser.cover(grids, 0.5);
    const whole = analyseCoverage(columns, { grids }, 0.5);
    expect(coverage.sourceIou[2]).toEqual(nothing.iou);
    expect(coverage.sourceIou[4]).toEqual(whole.sourceIou[4]);
    expect(coverage.bestSource).not.toContain(2);
    expect(analyser.unknown(grids, 0.5)).toEqual([]);
    expect(analyser.unknown(grids, 0.6)).toEqual([0, 1, 2, 3, 4, 5]);
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
