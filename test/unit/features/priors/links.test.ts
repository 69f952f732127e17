import { describe, expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { defaultChoice } from '@core/network/zoo';
import { withFormula } from '@core/priors/formulas';
import { presetDefaultBoxes } from '@core/priors/presets';
import {
  startSettings,
  withConfiguration,
  withMapFree,
  withRule,
  withScale,
} from '../../../../src-renderer/features/priors/box-settings';
import { withAddedSize, withSize } from '../../../../src-renderer/features/priors/edits';
import { inferLink } from '../../../../src-renderer/features/priors/links';

const network = defaultChoice('ssd300');
const { input } = network;
const preset = presetDefaultBoxes(network);
const minSizes = ({ configuration }: { configuration: typeof preset }) =>
  configuration.sources.map((source) => Math.round(100 * source.minSizes[0]) / 100);

describe('the rule of sizes', () => {
  it.each([
    ['ssd300', 'caffe', 0.2, 0.9],
    ['ssd512', 'caffe', 0.15, 0.9],
    ['rfbnet-mobile', 'caffe', 0.3, 0.9],
    ['rfb320', 'spread', null, null],
  ] satisfies [ArchitectureId, string, number | null, number | null][])(
    'is read from the sizes of %s',
    (id, rule, sMin, sMax) => {
      const choice = defaultChoice(id);
      const link = inferLink(presetDefaultBoxes(choice), choice.input);
      expect(link.rule).toBe(rule);
      expect(link.free.some(Boolean)).toBe(false);
      if (sMin !== null) expect(link.range).toEqual({ sMin, sMax });
    },
  );

  it('is read from sizes of the paper, with a map of its own', () => {
    const paper = withFormula(preset, 'paper', { sMin: 0.13, sMax: 0.81 }, input);
    const link = inferLink(withSize(paper, 3, 'minSizes', 0, 77), input);
    expect(link.rule).toBe('paper');
    expect(link.range.sMin).toBeCloseTo(0.13, 12);
    expect(link.range.sMax).toBeCloseTo(0.81, 12);
    expect(link.free).toEqual([false, false, false, true, false, false]);
  });
});

describe('maps and their rule', () => {
  const settings = startSettings(network);

  it('follow it when a scale moves, but for those that are free', () => {
    const free = withMapFree(settings, 2, true, input);
    expect(free.configuration).toBe(settings.configuration);
    const moved = withScale(free, 'sMin', 0.1, input);
    expect(minSizes(moved)).toEqual([15, 30, 111, 150, 210, 270]);
    expect(minSizes(withMapFree(moved, 2, false, input))).toEqual([15, 30, 90, 150, 210, 270]);
  });

  it('are set free by a size that is typed or dragged', () => {
    const typed = withConfiguration(settings, withSize(settings.configuration, 4, 'minSizes', 0, 200), input);
    expect(typed.link.free).toEqual([false, false, false, false, true, false]);
    expect(minSizes(withScale(typed, 'sMax', 0.7, input))[4]).toBe(200);
  });

  it('change to the other formula in place, and back', () => {
    const paper = withRule(settings, 'paper', input);
    expect(minSizes(paper)).toEqual([30, 60, 112.5, 165, 217.5, 270]);
    expect(withRule(paper, 'caffe', input).configuration).toEqual(settings.configuration);
    expect(withRule(settings, 'spread', input).configuration).toBe(settings.configuration);
  });

  it('have their rule read anew when other boxes come', () => {
    const other = withFormula(preset, 'paper', { sMin: 0.3, sMax: 0.6 }, input);
    const next = withConfiguration(settings, other, input);
    expect(next.link).toMatchObject({ rule: 'paper', free: [false, false, false, false, false, false] });
  });

  it('keep their spacing once a map has several sizes, for which there is no formula', () => {
    const two = withConfiguration(settings, withAddedSize(settings.configuration, 3), input);
    expect(two.link.rule).toBe('spread');
    const [low, high] = two.configuration.sources[3].minSizes;
    const moved = withScale(two, 'sMax', 0.7, input).configuration.sources[3].minSizes;
    expect(moved).toHaveLength(2);
    expect(moved[0]).toBeLessThan(low);
    expect(moved[1]).toBeLessThan(high);
  });

  it('keep s_min below s_max', () => {
    const { link } = withScale(withRule(settings, 'spread', input), 'sMin', 5, input);
    expect(link.range.sMin).toBeLessThan(link.range.sMax);
  });
});
