import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes, sourceOf } from '@core/priors/generate';
import { VOC300, presetDefaultBoxes } from '@core/priors/presets';
import { inputScale, paperScales, scalesOf, withAspectRatios, withScales } from '@core/priors/scales';

const rfb = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
const ssd = { architecture: 'ssd300', widthMultiplier: 1, input: { width: 300, height: 300 } } as const;
const cases = [
  ['ssd300', presetDefaultBoxes(ssd), ssd.input],
  ['rfb320', presetDefaultBoxes(rfb), rfb.input],
] as const;
const sizesOf = (configuration: typeof VOC300) => configuration.sources.flatMap((source) => source.minSizes);

describe('the scales of the paper', () => {
  it('are .2, .375, .55, .725, .9 for five sources', () => {
    const expected = [0.2, 0.375, 0.55, 0.725, 0.9];
    paperScales({ sMin: 0.2, sMax: 0.9 }, 5).forEach((scale, k) => expect(scale).toBeCloseTo(expected[k], 12));
    expect(paperScales({ sMin: 0.2, sMax: 0.9 }, 1)).toEqual([0.2]);
  });
});

describe.each(cases)('%s with other scales', (_, preset, input) => {
  const anyRange = fc
    .tuple(fc.double({ min: 0.01, max: 0.5, noNaN: true }), fc.double({ min: 1.1, max: 10, noNaN: true }))
    .map(([sMin, factor]) => ({ sMin, sMax: sMin * factor }));

  it('is itself at its own scales', () => {
    expect(withScales(preset, scalesOf(preset, input), input)).toBe(preset);
  });

  it('has the smallest and the largest size asked for, in the same order, and as many boxes', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        const changed = withScales(preset, range, input);
        const { sMin, sMax } = scalesOf(changed, input);
        expect(sMin).toBeCloseTo(range.sMin, 9);
        expect(sMax).toBeCloseTo(range.sMax, 9);
        const sizes = sizesOf(changed);
        expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
        expect(changed.sources.map(boxesPerCell)).toEqual(preset.sources.map(boxesPerCell));
      }),
    );
  });

  it('comes back to itself however often the sliders move', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { minLength: 1, maxLength: 20 }), (ranges) => {
        const moved = ranges.reduce((configuration, range) => withScales(configuration, range, input), preset);
        const back = withScales(moved, scalesOf(preset, input), input);
        sizesOf(back).forEach((size, i) => expect(size / sizesOf(preset)[i]).toBeCloseTo(1, 6));
        back.sources.forEach((source, k) =>
          source.maxSizes.forEach((size, i) => expect(size / preset.sources[k].maxSizes[i]).toBeCloseTo(1, 6)),
        );
      }),
    );
  });

  it('refuses scales in the wrong order', () => {
    expect(() => withScales(preset, { sMin: 0.5, sMax: 0.5 }, input)).toThrow(RangeError);
    expect(() => withScales(preset, { sMin: 0, sMax: 0.5 }, input)).toThrow(RangeError);
  });
});

describe('a configuration of equal sizes', () => {
  it('is spread evenly, each max size the next min size', () => {
    const flat = {
      ...VOC300,
      sources: VOC300.sources.map((source) => ({ ...source, minSizes: [60], maxSizes: [60] })),
    };
    const changed = withScales(flat, { sMin: 0.1, sMax: 0.6 }, ssd.input);
    sizesOf(changed).forEach((size, k) => expect(size).toBeCloseTo(30 * (k + 1), 9));
    changed.sources.forEach((source, k) => expect(source.maxSizes[0]).toBeCloseTo(30 * (k + 2), 9));
  });
});

describe('presets', () => {
  it('grow with the input', () => {
    const large = presetDefaultBoxes({ ...ssd, input: { width: 600, height: 600 } });
    expect(scalesOf(large, { width: 600, height: 600 }).sMin).toBeCloseTo(0.1, 12);
    expect(large.sources[0].minSizes[0]).toBeCloseTo(60, 9);
    expect(large.sources[0].step).toBeNull();
    expect(inputScale({ width: 320, height: 180 })).toBe(240);
  });
});

describe('aspect ratios', () => {
  it('change the boxes per cell of their source', () => {
    const changed = withAspectRatios(VOC300, [[2, 3], [], [2], [2], [2], [1.5]]);
    expect(changed.sources.map(boxesPerCell)).toEqual([6, 2, 4, 4, 4, 4]);
    expect(() => withAspectRatios(VOC300, [[2]])).toThrow(RangeError);
  });
});

describe('default boxes', () => {
  const maps = [38, 19, 10, 5, 3, 1].map((side) => ({ width: side, height: side }));

  it('clip as SPEC.md 2.4 counts: 134 boxes with everything clamped, 20 with sizes only', () => {
    const plain = generateDefaultBoxes(VOC300, ssd.input, maps);
    const changed = (clip: 'all' | 'size'): number => {
      const clipped = generateDefaultBoxes({ ...VOC300, clip }, ssd.input, maps);
      let count = 0;
      for (let i = 0; i < plain.total * 4; i += 4) {
        if ([0, 1, 2, 3].some((j) => plain.centers[i + j] !== clipped.centers[i + j])) count++;
      }
      return count;
    };
    expect(changed('all')).toBe(134);
    expect(changed('size')).toBe(20);
  });

  it('know their source', () => {
    const boxes = generateDefaultBoxes(VOC300, ssd.input, maps);
    expect([0, 5775, 5776, 8691, 8728, 8731].map((prior) => sourceOf(boxes, prior))).toEqual([0, 0, 1, 3, 5, 5]);
  });

  it('refuse another number of maps than sources', () => {
    expect(() => generateDefaultBoxes(VOC300, ssd.input, maps.slice(1))).toThrow(RangeError);
  });
});
