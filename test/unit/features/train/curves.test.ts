import { describe, expect, it } from 'vitest';
import type { MetricRecord } from '@core/experiment/run';
import { smooth } from '@core/experiment/smoothing';
import { mapLines, recentPerSource, smoothingWeight } from '../../../../src-renderer/features/train/curves';

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

describe('the feature maps', () => {
  it('have means of the last records', () => {
    const metrics = [record(1, [100, 100]), record(2, [2, 0]), record(3, [4, 1])];
    expect(recentPerSource(metrics, 'positivesPerSource', 2)).toEqual([3, 0.5]);
    expect(recentPerSource([], 'positivesPerSource')).toEqual([]);
    expect(recentPerSource(metrics, 'confidenceLossPerSource')).toEqual([]);
  });

  it('show the losses that the log has, and none that it has not', () => {
    const old = record(1, [2, 0]);
    expect(mapLines([old], ['40 × 30', '20 × 15'])).toEqual([
      { name: '40 × 30', positives: 2, confidenceLoss: null, localisationLoss: null, history: [[1, 2]] },
      { name: '20 × 15', positives: 0, confidenceLoss: null, localisationLoss: null, history: [[1, 0]] },
    ]);
    const newer = { ...record(2, [4, 0]), confidenceLossPerSource: [1, 0.5], localisationLossPerSource: [0.25, 0] };
    expect(mapLines([old, newer], ['40 × 30', '20 × 15'])[0]).toMatchObject({
      positives: 3,
      confidenceLoss: 1,
      localisationLoss: 0.25,
    });
    expect(mapLines([], ['40 × 30'])).toEqual([]);
  });
});
