import { describe, expect, it } from 'vitest';
import type { MetricRecord } from '@core/experiment/run';
import { recentPositives, smooth, smoothingWeight } from '../../../../src-renderer/features/train/curves';

const record = (step: number, positivesPerSource: number[]): MetricRecord => ({
  step,
  seconds: step,
  confidenceLoss: 1,
  localisationLoss: 1,
  learningRate: 0.001,
  imagesPerSecond: 10,
  positivesPerSource,
});

describe('smoothing', () => {
  it('leaves a constant curve alone from its first value on', () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
  });

  it('steps over values that are not numbers', () => {
    const [first, second, third] = smooth([2, NaN, 2], 0.5);
    expect([first, third]).toEqual([2, 2]);
    expect(second).toBeNaN();
  });

  it('smooths long runs more than short ones', () => {
    expect(smoothingWeight(10)).toBeLessThan(smoothingWeight(4000));
  });
});

describe('positives per map', () => {
  it('are averaged over the last records', () => {
    expect(recentPositives([record(1, [100, 100]), record(2, [2, 0]), record(3, [4, 1])], 2)).toEqual([3, 0.5]);
    expect(recentPositives([])).toEqual([]);
  });
});
