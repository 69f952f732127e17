import { describe, expect, it } from 'vitest';
import { CLASS_COLOURS, classDigit, contrast } from '../../../src-renderer/ui/palette';
import { logTicks, nearest, rangeOf, thin, ticks } from '../../../src-renderer/ui/plot';

describe('the line chart', () => {
  it('puts ticks at round values inside the range', () => {
    expect(ticks({ min: 0, max: 1 }, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks({ min: 3, max: 947 }, 4)).toEqual([200, 400, 600, 800]);
    expect(ticks({ min: -1e-5, max: 1e-5 }, 2)).toEqual([-1e-5, 0, 1e-5]);
  });

  it('puts ticks of a logarithmic axis at powers of ten, and between them where these are few', () => {
    expect(logTicks({ min: -5, max: 0 }, 8)).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
    expect(logTicks({ min: -8, max: 1 }, 4)).toEqual([1e-6, 1e-3, 1]);
    expect(logTicks({ min: 0.9, max: 2 }, 6)).toEqual([10, 20, 50, 100]);
  });

  it('makes room for one value and survives none', () => {
    expect(rangeOf([5])).toEqual({ min: 4.5, max: 5.5 });
    expect(rangeOf([NaN, Infinity])).toEqual({ min: 0, max: 1 });
  });

  it('thins long lines without losing a peak or the end', () => {
    const points = Array.from({ length: 10_000 }, (_, x) => [x, x === 4321 ? 99 : Math.sin(x)] as const);
    const kept = thin(points, 300);
    expect(kept.length).toBeLessThanOrEqual(601);
    expect(kept).toContainEqual([4321, 99]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept.every((p, i) => i === 0 || p[0] > (kept[i - 1]?.[0] ?? 0))).toBe(true);
  });

  it('finds the nearest point', () => {
    const points = [0, 10, 20, 30].map((x) => [x, 0] as const);
    expect([-5, 4, 6, 16, 99].map((x) => nearest(points, x))).toEqual([0, 0, 1, 2, 3]);
    expect(nearest([], 1)).toBe(-1);
  });
});

describe('class colours', () => {
  it('are twenty different ones that carry readable text', () => {
    expect(new Set(CLASS_COLOURS.map((c) => c.line)).size).toBe(20);
    for (const { line, on } of CLASS_COLOURS) expect(contrast(line, on)).toBeGreaterThanOrEqual(4.5);
  });

  it('read on the dark canvas', () => {
    for (const { line } of CLASS_COLOURS) expect(contrast(line, '#0e0e10')).toBeGreaterThanOrEqual(3);
  });

  it('have a digit for the first ten', () => {
    expect([0, 8, 9, 10].map(classDigit)).toEqual(['1', '9', '0', null]);
  });
});
