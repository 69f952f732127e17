import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageFilter } from '@core/dataset/model';
import { filterFromParameters, parametersFromFilter, toggleFilter } from '../../../src-renderer/features/images/filter';
import { randomSplit } from '../../../src-renderer/features/images/splits';

describe('the filter of the pictures', () => {
  const filters = fc.record(
    {
      classId: fc.integer({ min: 1, max: 50 }),
      split: fc.constantFrom('train', 'val', 'test', 'none'),
      labelled: fc.boolean(),
      problem: fc.boolean(),
      text: fc.string({ minLength: 1, maxLength: 20 }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<ImageFilter>;

  it('survives the way through the address', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const address = new URLSearchParams(parametersFromFilter(filter)).toString();
        expect(filterFromParameters(Object.fromEntries(new URLSearchParams(address)))).toEqual(filter);
      }),
    );
  });

  it('takes nothing from an address that it does not understand', () => {
    expect(filterFromParameters({ class: 'x', split: 'holdout', image: '3' })).toEqual({});
  });

  it('is set and taken away by the same chip', () => {
    const set = toggleFilter({ text: 'a' }, 'split', 'val');
    expect(set).toEqual({ text: 'a', split: 'val' });
    expect(toggleFilter(set, 'split', 'val')).toEqual({ text: 'a' });
    expect(toggleFilter(set, 'split', 'train')).toEqual({ text: 'a', split: 'train' });
  });
});

describe('splitting at random', () => {
  it('puts every picture in one part, the same for the same pictures in any order', () => {
    const ids = Array.from({ length: 101 }, (_, i) => i + 1);
    const { train, val } = randomSplit(ids, 0.8);
    expect(train).toHaveLength(81);
    expect([...train, ...val].sort((a, b) => a - b)).toEqual(ids);
    expect(new Set(randomSplit([...ids].reverse(), 0.8).val)).toEqual(new Set(val));
    expect(val).not.toEqual(ids.slice(81));
  });

  it('leaves neither part empty when there are two pictures', () => {
    for (const share of [0.01, 0.99]) {
      const { train, val } = randomSplit([5, 6], share);
      expect([train.length, val.length]).toEqual([1, 1]);
    }
    expect(randomSplit([5], 0.8)).toEqual({ train: [5], val: [] });
    expect(randomSplit([], 0.8)).toEqual({ train: [], val: [] });
  });
});
