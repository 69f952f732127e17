import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseCoverage } from '@core/priors/coverage';
import { generateDefaultBoxes } from '@core/priors/generate';
import { missedObjects } from '@core/priors/missed-objects';
import { anyConfiguration } from '../../support/default-boxes';
import { columnsOf, someObjects } from '../../support/objects';

const input = { width: 320, height: 240 };
const maps = [
  { width: 12, height: 9 },
  { width: 5, height: 1 },
];

describe('the objects that no default box reaches', () => {
  it('are those below the threshold, each once, worst first, with its best box, its size and whether it is forced', () => {
    fc.assert(
      fc.property(
        anyConfiguration,
        fc.array(someObjects(5), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (configuration, pictures, threshold) => {
          const objects = columnsOf(pictures);
          const coverage = analyseCoverage(objects, generateDefaultBoxes(configuration, input, maps), threshold);
          const missed = missedObjects(coverage, objects, { input, threshold });
          const all = Array.from(coverage.bestIou.keys());
          expect([...missed.object].sort((a, b) => a - b)).toEqual(all.filter((i) => coverage.bestIou[i] < threshold));
          missed.object.forEach((i, at) => {
            expect(missed.bestIou[at]).toBe(coverage.bestIou[i]);
            expect(missed.bestIou[at]).toBeGreaterThanOrEqual((missed.bestIou[at - 1] ?? 0) - 2 ** -24);
            expect([missed.prior[at], missed.source[at]]).toEqual([coverage.bestPrior[i], coverage.bestSource[i]]);
            expect(missed.width[at]).toBeCloseTo((objects.x2[i] - objects.x1[i]) * 320, 3);
            expect(missed.height[at]).toBeCloseTo((objects.y2[i] - objects.y1[i]) * 240, 3);
          });
          expect(missed.forced.reduce((sum, forced) => sum + forced, 0)).toBe(coverage.forced);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has objects without area as reached by none, and keeps the order of equals', () => {
    const same = {
      imageId: [1, 2, 3],
      x1: [0.5, 0.2, 0.2],
      y1: [0.5, 0.2, 0.2],
      x2: [0.5, 0.21, 0.21],
      y2: [0.5, 0.9, 0.9],
    };
    const source = { minSizes: [40], maxSizes: [], aspectRatios: [], step: null };
    const configuration = { sources: [source, source], clip: 'none', offset: 0.5, variances: [0.1, 0.2] } as const;
    const coverage = analyseCoverage(same, generateDefaultBoxes(configuration, input, maps), 0.5);
    const missed = missedObjects(coverage, same, { input, threshold: 0.5 });
    expect([...missed.object]).toEqual([0, 1, 2]);
    expect([...missed.forced]).toEqual([0, 1, 1]);
    expect([missed.width[0], missed.height[0], missed.prior[0], missed.source[0]]).toEqual([0, 0, -1, -1]);
  });
});
