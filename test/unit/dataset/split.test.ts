import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashText, splitByHash } from '@core/dataset/split';
import { quantile, scaleQuantiles } from '@core/dataset/statistics';

describe('splitting by hash', () => {
  it('takes the share asked for, at least one of two, and none of one', () => {
    const names = Array.from({ length: 364 }, (_, k) => `BloodImage_${String(k).padStart(5, '0')}`);
    expect(splitByHash(names, 0.2).size).toBe(73);
    expect(splitByHash(['a', 'b'], 0.2).size).toBe(1);
    expect(splitByHash(['a'], 0.2).size).toBe(0);
    expect(splitByHash([], 0.2).size).toBe(0);
  });

  it('does not depend on the order of the names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), (names) => {
        const chosen = splitByHash(names, 0.3);
        expect([...splitByHash([...names].reverse(), 0.3)].sort()).toEqual([...chosen].sort());
      }),
    );
  });

  it('spreads neighbouring names evenly', () => {
    const names = Array.from({ length: 1000 }, (_, k) => `frame${k}`);
    const chosen = splitByHash(names, 0.2);
    for (let from = 0; from < 1000; from += 100) {
      const inBlock = names.slice(from, from + 100).filter((name) => chosen.has(name)).length;
      expect(inBlock).toBeGreaterThan(8);
      expect(inBlock).toBeLessThan(35);
    }
  });

  it('is the same for ever', () => {
    // From a second implementation, in Python.
    expect(['', 'a', 'BloodImage_00000', '苹果'].map(hashText)).toEqual([
      2872998923, 444641715, 1140862435, 2350156386,
    ]);
  });
});

describe('quantiles', () => {
  it('are numpy’s', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.05)).toBeCloseTo(1.15, 12);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('of scales do not depend on their order, and are null without objects', () => {
    expect(scaleQuantiles(Float64Array.of(0.3, 0.1, 0.2))).toEqual(scaleQuantiles(Float64Array.of(0.1, 0.2, 0.3)));
    expect(scaleQuantiles(new Float64Array())).toBeNull();
  });
});
