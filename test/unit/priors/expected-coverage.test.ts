import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION, NO_AUGMENTATION } from '@core/augment/configuration';
import { planAugmentation } from '@core/augment/plan';
import { augmentObjects } from '@core/priors/expected-coverage';
import { Random } from '@core/random/random';
import { columnsOf, someObjects } from '../../support/objects';

const somePictures = fc.array(someObjects(5, 0.05), { minLength: 1, maxLength: 5 }).map((pictures) => {
  const columns = columnsOf(pictures);
  const fill = (value: number) => Array.from(columns.x1, () => value);
  return {
    ...columns,
    classId: Array.from(columns.x1, (_, i) => i % 4),
    imageWidth: fill(640),
    imageHeight: fill(480),
  };
});

describe('objects under augmentation', () => {
  it('are the objects themselves where nothing is augmented, once per view', () => {
    fc.assert(
      fc.property(somePictures, (objects) => {
        const seen = augmentObjects(objects, NO_AUGMENTATION, { perPicture: 2 }, 1);
        const pictures = new Set(objects.imageId as number[]).size;
        expect(seen).toMatchObject({ views: 2 * pictures, pictures, dropped: 0 });
        expect(seen.source).toHaveLength(2 * objects.x1.length);
        seen.source.forEach((i, at) => {
          expect(seen.objects.x1[at]).toBeCloseTo(objects.x1[i], 12);
          expect(seen.objects.y2[at]).toBeCloseTo(objects.y2[i], 12);
          expect(seen.objects.classId[at]).toBe(objects.classId[i]);
        });
      }),
    );
  });

  it('are those of pictures spread over all, where fewer are asked for', () => {
    const pictures = Array.from({ length: 10 }, () => fc.sample(someObjects(1, 0.05), 1)[0]);
    const columns = columnsOf(pictures);
    const sized = Array.from(columns.x1, () => 100);
    const objects = { ...columns, classId: sized, imageWidth: sized, imageHeight: sized };
    const seen = augmentObjects(objects, NO_AUGMENTATION, { perPicture: 1, pictures: 4 }, 1);
    expect(seen).toMatchObject({ views: 4, pictures: 4 });
    expect([...seen.source]).toEqual([2, 4, 7, 9]);
    expect(augmentObjects(objects, NO_AUGMENTATION, { perPicture: 1, pictures: 99 }, 1).pictures).toBe(10);
  });

  it('are those of the plans that training draws from the same random numbers, and the same for the same seed', () => {
    fc.assert(
      fc.property(somePictures, fc.nat(), (objects, seed) => {
        const seen = augmentObjects(objects, DEFAULT_AUGMENTATION, { perPicture: 3 }, seed);
        expect(augmentObjects(objects, DEFAULT_AUGMENTATION, { perPicture: 3 }, seed)).toEqual(seen);
        expect(seen.source.length + seen.dropped).toBe(3 * objects.x1.length);
        const first = Array.from(objects.imageId).flatMap((id, i) => (id === 1 ? [i] : []));
        const boxes = first.map((i) => ({
          x1: objects.x1[i] * 640,
          y1: objects.y1[i] * 480,
          x2: objects.x2[i] * 640,
          y2: objects.y2[i] * 480,
        }));
        const random = Random.seeded(seed, 1, 0);
        const plan = planAugmentation(DEFAULT_AUGMENTATION, random, { width: 640, height: 480 }, boxes);
        plan.boxes.forEach(({ index, box }, at) => {
          expect(seen.objects.imageId[at]).toBe(0);
          expect(seen.source[at]).toBe(first[index]);
          expect([seen.objects.x1[at], seen.objects.y1[at], seen.objects.x2[at], seen.objects.y2[at]]).toEqual([
            box.x1,
            box.y1,
            box.x2,
            box.y2,
          ]);
        });
      }),
      { numRuns: 40 },
    );
  });
});
