import { describe, expect, it } from 'vitest';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import {
  parseRatio,
  toggleRatio,
  withAddedSize,
  withExtraBox,
  withoutSize,
} from '../../../../src-renderer/features/priors/edits';
import { change, endGesture, redo, startHistory, undo } from '../../../../src-renderer/features/priors/history';

const configuration: DefaultBoxConfiguration = {
  sources: [
    { minSizes: [10, 16], maxSizes: [], aspectRatios: [2], step: null },
    { minSizes: [32], maxSizes: [], aspectRatios: [], step: null },
    { minSizes: [64], maxSizes: [], aspectRatios: [], step: null },
  ],
  clip: 'none',
  offset: 0.5,
  variances: [0.1, 0.2],
};

describe('editing default boxes', () => {
  it('adds a ratio in order and takes it away again', () => {
    const wider = toggleRatio(toggleRatio(configuration, 0, 3), 0, 1.5);
    expect(wider.sources[0].aspectRatios).toEqual([1.5, 2, 3]);
    expect(toggleRatio(wider, 0, 3).sources[0].aspectRatios).toEqual([1.5, 2]);
    expect(wider.sources[1]).toBe(configuration.sources[1]);
  });

  it.each([
    ['1.5', 1.5],
    ['3:2', 1.5],
    ['2/3', 1.5],
    ['1,5', 1.5],
    ['0.25', 4],
  ])('reads the ratio %s', (text, ratio) => {
    expect(parseRatio(text, configuration.sources[0])).toEqual({ ratio });
  });

  it.each(['', 'wide', '1', '1:0', '50', '2', '1:2', '-3'])('refuses the ratio "%s" with a reason', (text) => {
    expect(parseRatio(text, configuration.sources[0])).toHaveProperty('problem');
  });

  it('pairs the extra box with the next larger size, over the maps', () => {
    expect(withExtraBox(configuration, 0, true).sources[0].maxSizes).toEqual([16, 32]);
    expect(withExtraBox(configuration, 2, true).sources[2].maxSizes).toEqual([96]);
    expect(withExtraBox(withExtraBox(configuration, 0, true), 0, false)).toEqual(configuration);
  });

  it('adds a size half-way to the next larger one, and takes it away again', () => {
    const more = withAddedSize(configuration, 0);
    expect(more.sources[0].minSizes).toEqual([10, 16, 22.63]);
    expect(more.sources[0].maxSizes).toEqual([]);
    expect(withoutSize(more, 0, 2)).toEqual(configuration);
    expect(withoutSize(more, 0, 0).sources[0].minSizes).toEqual([16, 22.63]);
    expect(withoutSize(configuration, 1, 0)).toEqual(configuration);
  });

  it('gives an added size its extra square where the map has them, and none above what can be typed', () => {
    const extra = withExtraBox(configuration, 0, true);
    const more = withAddedSize(extra, 0).sources[0];
    expect(more).toMatchObject({ minSizes: [10, 16, 22.63], maxSizes: [16, 32, 32] });
    expect(withoutSize(withAddedSize(extra, 0), 0, 1).sources[0].maxSizes).toEqual([16, 32]);
    const huge = { ...configuration, sources: [{ ...configuration.sources[0], minSizes: [4000] }] };
    expect(withAddedSize(huge, 0).sources[0].minSizes[1]).toBeLessThanOrEqual(4096);
  });
});

describe('the history of changes', () => {
  it('goes back and forth over every change', () => {
    const three = change(change(startHistory(1), 2), 3);
    expect(undo(undo(three)).present).toBe(1);
    expect(redo(undo(undo(three))).present).toBe(2);
    expect(undo(undo(undo(three))).present).toBe(1);
    expect(redo(three).present).toBe(3);
  });

  it('takes a dragged slider back at once, and a second drag apart from the first', () => {
    const dragged = [2, 3, 4].reduce((history, value) => change(history, value, 'slider'), startHistory(1));
    expect(undo(dragged).present).toBe(1);
    const again = change(endGesture(dragged), 5, 'slider');
    expect(undo(again).present).toBe(4);
  });

  it('forgets what was undone when something else is changed', () => {
    expect(redo(change(undo(change(startHistory(1), 2)), 7)).present).toBe(7);
  });
});
