import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupStably, identityOrder, rankByScore } from '@core/evaluation/ranking';

const score = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 0.5, 1, -1, Number.MIN_VALUE, -Number.MAX_VALUE, Infinity),
);

it('ranks as a stable comparison sort does, -0 equal to 0', () => {
  fc.assert(
    fc.property(fc.array(score, { maxLength: 60 }), (values) => {
      const scores = Float64Array.from(values);
      // Infinity - Infinity is no order.
      const compare = (a: number, b: number): number => (scores[a] === scores[b] ? 0 : scores[b] > scores[a] ? 1 : -1);
      expect([...rankByScore(identityOrder(values.length), scores)]).toEqual(values.map((_, i) => i).sort(compare));
    }),
  );
});

it('keeps a given order among equal scores', () => {
  expect([...rankByScore(Int32Array.of(2, 0, 1), Float64Array.of(0.5, 0.5, 0.5))]).toEqual([2, 0, 1]);
});

it('groups without changing the order inside a group, empty groups included', () => {
  const { order, starts } = groupStably(Int32Array.of(3, 2, 1, 0), Int32Array.of(2, 0, 2, 0), 4);
  expect([...order]).toEqual([3, 1, 2, 0]);
  expect([...starts]).toEqual([0, 2, 2, 4, 4]);
});
