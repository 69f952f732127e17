import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateCoco } from '@core/evaluation/coco';
import { hardTables, tablesOf, type FoundRow, type TruthRow } from '../../support/evaluation-tables';
import { referenceCoco } from '../../support/reference-coco';

const summaryOf = (truths: TruthRow[], found: FoundRow[], images = 1) =>
  evaluateCoco(tablesOf(truths, found, images)).summary;

describe('the twelve numbers', () => {
  it('equal those of a plain second implementation, on boxes full of ties', () => {
    fc.assert(
      fc.property(hardTables(), (tables) => {
        const ours = Object.values(evaluateCoco(tables).summary);
        referenceCoco(tables).forEach((value, i) => expect(ours[i]).toBeCloseTo(value, 12));
      }),
      { numRuns: 200 },
    );
  });

  it('of the specification: hits 1,0,1,1,0,1 of five objects have .636964 at every threshold', () => {
    const truths = [0, 1, 2, 3, 4].map((i) => ({ box: [i * 200, 0, 100, 100] }));
    const places = [0, 9, 1, 2, 8, 3];
    const found = places.map((place, i) => ({ box: [place * 200, 0, 100, 100], score: 1 - i / 10 }));
    const { AP, AP50, AP75, AR100, APsmall } = summaryOf(truths, found);
    expect(AP).toBeCloseTo(0.636964, 6);
    expect([AP50, AP75]).toEqual([AP, AP].map((value) => expect.closeTo(value, 12)));
    expect(AR100).toBeCloseTo(0.8, 12);
    expect(APsmall).toBe(-1);
  });

  it('are -1 without pictures, without objects and for crowds alone', () => {
    const found = [{ box: [0, 0, 10, 10], score: 1 }];
    for (const summary of [
      summaryOf([], [], 0),
      summaryOf([], found),
      summaryOf([{ box: [0, 0, 10, 10], crowd: true }], found),
    ]) {
      expect(new Set(Object.values(summary))).toEqual(new Set([-1]));
    }
  });

  it('are 0 where nothing is detected, and categories without objects are left out of the mean', () => {
    expect(summaryOf([{ box: [0, 0, 10, 10] }], []).AP).toBe(0);
    const found = [0, 1].map((category) => ({ box: [0, 0, 10, 10], score: 1, category }));
    const tables = tablesOf([{ box: [0, 0, 10, 10] }], found, 1, ['nut', 'bolt']);
    const { summary, categories } = evaluateCoco(tables);
    expect(summary.AP).toBeCloseTo(1, 12);
    expect(categories.map(({ className, groundTruths, detections }) => [className, groundTruths, detections])).toEqual([
      ['nut', 1, 1],
      ['bolt', 0, 1],
    ]);
    expect(categories[1].summary.AP).toBe(-1);
  });
});

describe('area ranges', () => {
  it('hold both their ends: 32 x 32 is small and medium', () => {
    const box = [0, 0, 32, 32];
    const { APsmall, APmedium, APlarge } = summaryOf([{ box }], [{ box, score: 1 }]);
    expect([APsmall, APmedium, APlarge]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12), -1]);
  });

  it("take an object's own area, and ignore what is matched with an object of another range", () => {
    const box = [0, 0, 50, 50];
    const truths = [{ box, area: 900 }, { box: [200, 0, 50, 50] }];
    const { APsmall, APmedium } = summaryOf(truths, [
      { box, score: 1 },
      { box: truths[1].box, score: 0.9 },
    ]);
    expect([APsmall, APmedium]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
  });
});

describe('crowds', () => {
  it('swallow any number of detections that lie inside', () => {
    const truths = [{ box: [0, 0, 400, 400], crowd: true }, { box: [500, 0, 20, 20] }];
    const inside = [0, 1, 2].map((i) => ({ box: [i * 30, 10, 20, 20], score: 0.9 }));
    expect(summaryOf(truths, [...inside, { box: [500, 0, 20, 20], score: 0.1 }]).AP).toBeCloseTo(1, 12);
  });
});

describe('the limit of detections', () => {
  it('counts those of a picture and category: the 101st is as if it were not there', () => {
    const truth = { box: [0, 0, 10, 10] };
    const wrong = Array.from({ length: 100 }, (_, i) => ({ box: [100 + i, 100, 10, 10], score: 0.9 }));
    const right = { box: [0, 0, 10, 10], score: 0.5 };
    expect(summaryOf([truth], [...wrong, right]).AR100).toBe(0);
    const { AR1, AR10, AR100 } = summaryOf([truth], [...wrong.slice(1), right]);
    expect([AR1, AR10, AR100]).toEqual([0, 0, 1]);
  });

  it('ignores what is beyond it in a picture without objects too', () => {
    const truth = { box: [0, 0, 10, 10] };
    const wrong = Array.from({ length: 150 }, () => ({ box: [0, 0, 10, 10], score: 0.9, image: 1 }));
    const { AP } = summaryOf([truth], [...wrong, { box: [0, 0, 10, 10], score: 0.5 }], 2);
    expect(AP).toBeCloseTo(1 / 101, 12);
  });
});

it('an annotation numbered 0 is never found, as in pycocotools', () => {
  const box = [0, 0, 10, 10];
  expect(summaryOf([{ box, id: 0 }], [{ box, score: 1 }]).AP).toBe(0);
  expect(summaryOf([{ box, id: NaN }], [{ box, score: 1 }]).AP).toBeCloseTo(1, 12);
});
