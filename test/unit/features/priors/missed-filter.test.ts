import { describe, expect, it } from 'vitest';
import type { MissedObjects } from '@core/priors/missed-objects';
import { filterMissed, filterOf, shapeOf, withFilter } from '../../../../src-renderer/features/priors/missed-filter';

/** Three objects, worst first: a small tall one without a box, a medium square and a large wide one that are forced. */
const missed: MissedObjects = {
  object: Int32Array.of(2, 0, 1),
  bestIou: Float32Array.of(0, 0.3, 0.4),
  prior: Int32Array.of(-1, 7, 8),
  source: Int32Array.of(-1, 0, 1),
  forced: Uint8Array.of(0, 1, 1),
  width: Float32Array.of(5, 50, 200),
  height: Float32Array.of(20, 50, 50),
};
const classId = [4, 4, 9];

describe('filtering the missed objects', () => {
  it('keeps their order, and counts for each facet what its other choices would show', () => {
    const all = filterMissed(missed, classId, {});
    expect(all.shown).toEqual([0, 1, 2]);
    expect(all.counts.classId).toEqual(new Map([[9, 1], [4, 2]])); // prettier-ignore
    const forced = filterMissed(missed, classId, { by: 'forced', classId: 4 });
    expect(forced.shown).toEqual([1, 2]);
    expect(forced.counts.by.get('forced')).toBe(2);
    expect(forced.counts.by.get('none')).toBeUndefined();
    expect(forced.counts.classId).toEqual(new Map([[4, 2]]));
    expect(forced.counts.shape).toEqual(new Map([['squarish', 1], ['very wide', 1]])); // prettier-ignore
    expect(filterMissed(missed, classId, { size: 'small' }).counts.size).toEqual(
      new Map([['small', 1], ['medium', 1], ['large', 1]]), // prettier-ignore
    );
  });

  it('takes a bar of a histogram from its edge to below the next', () => {
    expect(filterMissed(missed, classId, { scale: [10, 50] }).shown).toEqual([0]);
    expect(filterMissed(missed, classId, { scale: [50, 51] }).shown).toEqual([1]);
    expect(filterMissed(missed, classId, { ratio: [3.9, 4.1] }).shown).toEqual([2]);
    expect(filterMissed(missed, classId, { map: 1 }).shown).toEqual([2]);
  });

  it('calls a shape and its mirror image alike', () => {
    for (const [ratio, wide, tall] of [
      [1.2, 'squarish', 'squarish'],
      [1.5, 'wide', 'tall'],
      [3, 'very wide', 'very tall'],
      [9, 'very wide', 'very tall'],
    ] as const) {
      expect([shapeOf(ratio), shapeOf(1 / ratio)]).toEqual([wide, tall]);
    }
  });
});

describe('the address of a filter', () => {
  it('gives back the same filter and leaves other parameters alone', () => {
    const filter = { classId: 3, size: 'small', shape: 'tall', by: 'none', map: 2, scale: [8, 11.5] } as const;
    const parameters = withFilter({ view: 'missed', image: '4', class: '1', ratio: '1-2' }, filter);
    expect(parameters).toMatchObject({ view: 'missed', image: '4', class: '3', scale: '8-11.5' });
    expect(parameters).not.toHaveProperty('ratio');
    expect(filterOf(parameters)).toEqual(filter);
    expect(filterOf(withFilter({}, { scale: [96, Infinity] }))).toEqual({ scale: [96, Infinity] });
  });

  it('is empty where an address says nonsense', () => {
    expect(filterOf({ class: 'x', size: 'huge', by: 'chance', best: '-1', scale: '9-3', ratio: '1' })).toEqual({});
  });
});
