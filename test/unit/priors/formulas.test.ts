import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { inWholePixels, PUBLISHED_RANGE, withFormula } from '@core/priors/formulas';
import { COCO300, presetDefaultBoxes, VOC300, VOC512 } from '@core/priors/presets';

const square = (side: number) => ({ width: side, height: side });

describe('sizes by a formula', () => {
  it('of Caffe are the released ones (SPEC.md 2.2), from any other sizes', () => {
    expect(withFormula(COCO300, 'caffe', PUBLISHED_RANGE, square(300))).toEqual(VOC300);
    expect(withFormula(VOC300, 'caffe', { sMin: 0.15, sMax: 0.9 }, square(300))).toEqual(COCO300);
    expect(withFormula(VOC512, 'caffe', { sMin: 0.15, sMax: 0.9 }, square(512))).toEqual(VOC512);
    const whole = inWholePixels(VOC512).sources;
    expect(whole.map(({ minSizes }) => minSizes[0])).toEqual([35, 76, 153, 230, 307, 384, 460]);
    expect(whole[6].maxSizes).toEqual([537]);
  });

  it('of the paper, read literally, are .1, .2, .375, .55, .725 and .9 (SPEC.md 2.1)', () => {
    const { sources } = withFormula(VOC300, 'paper', PUBLISHED_RANGE, square(300));
    [0.1, 0.2, 0.375, 0.55, 0.725, 0.9].forEach((scale, k) => {
      expect(sources[k].minSizes[0]).toBeCloseTo(scale * 300, 9);
      expect(sources[k].maxSizes[0]).toBeCloseTo([0.2, 0.375, 0.55, 0.725, 0.9, 1.075][k] * 300, 9);
    });
  });

  it('leave maps without an extra box without one, and are refused where maps have several sizes', () => {
    const without = { ...VOC300, sources: VOC300.sources.map((source) => ({ ...source, maxSizes: [] })) };
    const { sources } = withFormula(without, 'paper', PUBLISHED_RANGE, square(300));
    expect(sources.every(({ maxSizes }) => maxSizes.length === 0)).toBe(true);
    const faces = defaultChoice('rfb320');
    expect(() => withFormula(presetDefaultBoxes(faces), 'caffe', PUBLISHED_RANGE, faces.input)).toThrow(RangeError);
    expect(() => withFormula(VOC300, 'paper', { sMin: 0.9, sMax: 0.2 }, square(300))).toThrow(/below s_max/);
  });

  it('never cut a size to nothing', () => {
    const tiny = { ...VOC300, sources: [{ ...VOC300.sources[0], minSizes: [0.4] }] };
    expect(inWholePixels(tiny).sources[0].minSizes).toEqual([1]);
  });
});
