import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCopies } from '@core/priors/fit-objects';
import { columnsOf, someObjects } from '../../support/objects';

const somePictures = fc.array(someObjects(4, 0.02), { minLength: 1, maxLength: 6 }).map((pictures) => {
  const columns = columnsOf(pictures);
  return { ...columns, classId: Array.from(columns.x1, (_, i) => i % 3) };
});

describe('few objects with copies', () => {
  it('come first, as they are, and their copies lie inside the picture, near them, with about their sides', () => {
    fc.assert(
      fc.property(somePictures, fc.nat(), (objects, seed) => {
        const count = objects.x1.length;
        const many = withCopies(objects, 8 * count, seed);
        expect(many.x1).toHaveLength(8 * count);
        for (let i = 0; i < 8 * count; i++) {
          const k = i % count;
          expect(many.classId![i]).toBe(objects.classId[k]);
          if (i < count) expect([many.x1[i], many.y2[i]]).toEqual([objects.x1[k], objects.y2[k]]);
          expect(many.x1[i]).toBeGreaterThanOrEqual(0);
          expect(many.y2[i]).toBeLessThanOrEqual(1 + 1e-9);
          const center = (columns: typeof many, at: number) => (columns.x1[at] + columns.x2[at]) / 2;
          const length = (columns: typeof many, at: number) => columns.x2[at] - columns.x1[at];
          // The border may hold a copy back, by half of what its side has grown.
          const grown = Math.abs(length(many, i) - length(objects, k)) / 2;
          expect(Math.abs(center(many, i) - center(objects, k))).toBeLessThanOrEqual(0.15 + grown + 1e-9);
          expect(Math.abs(Math.log(length(many, i) / length(objects, k)))).toBeLessThan(1);
        }
        expect(withCopies(objects, 8 * count, seed)).toEqual(many);
      }),
      { numRuns: 50 },
    );
  });

  it('are left as they are where they are more than half of what is wanted', () => {
    const objects = columnsOf(fc.sample(someObjects(4, 0.02), 5));
    expect(withCopies(objects, 2 * objects.x1.length - 1, 1)).toBe(objects);
    const none = columnsOf([]);
    expect(withCopies(none, 100, 1)).toBe(none);
  });
});
