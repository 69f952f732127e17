import { describe, expect, it } from 'vitest';
import { defaultBoxConfiguration } from '@core/contract/run-schema';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';

const configuration: DefaultBoxConfiguration = {
  sources: [{ minSizes: [20], maxSizes: [80], aspectRatios: [4], step: null }],
  clip: 'none',
  offset: 0.5,
  variances: [0.1, 0.2],
};
const side = { width: 100, height: 100 };

/** Width and height of each box of the only cell, in pixels. */
function shapes(boxes: DefaultBoxConfiguration): number[][] {
  const { centers, total } = generateDefaultBoxes(boxes, side, [{ width: 1, height: 1 }]);
  const pixels = (at: number) => Math.round(centers[at] * 100);
  return Array.from({ length: total }, (_, i) => [pixels(4 * i + 2), pixels(4 * i + 3)]);
}

describe('the order of the boxes of a cell', () => {
  it("is Caffe's: min, sqrt(min*max), then the ratio and its reciprocal", () => {
    expect(shapes(configuration)).toEqual([
      [20, 20],
      [40, 40],
      [40, 10],
      [10, 40],
    ]);
  });

  it('has sqrt(min*max) last where asked for, after the ratios of its own min size', () => {
    expect(shapes({ ...configuration, extraBoxLast: true })).toEqual([
      [20, 20],
      [40, 10],
      [10, 40],
      [40, 40],
    ]);
    const [source] = configuration.sources;
    const two = { ...source, minSizes: [20, 50], maxSizes: [80, 72], aspectRatios: [] };
    expect(shapes({ ...configuration, sources: [two], extraBoxLast: true }).map(([w]) => w)).toEqual([20, 40, 50, 60]);
  });

  it('is kept by the schema, and absent where it was absent', () => {
    expect(defaultBoxConfiguration.parse({ ...configuration, extraBoxLast: true }).extraBoxLast).toBe(true);
    expect('extraBoxLast' in defaultBoxConfiguration.parse(configuration)).toBe(false);
    expect(defaultBoxConfiguration.safeParse({ ...configuration, extraBoxLast: 1 }).success).toBe(false);
  });
});
