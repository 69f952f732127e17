import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CornerBox, Unit } from '@core/geometry/box';
import { iouAt } from '@core/geometry/overlap';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import { VOC300 } from '@core/priors/presets';
import { nearestBoxes, reachOf } from '@core/priors/reach';
import { describeChange, describeNeed } from '@core/priors/reach-words';
import { scalesOf } from '@core/priors/scales';
import { anyConfiguration } from '../../support/default-boxes';
import { unitBox } from '../../support/objects';

const square = (side: number) => ({ width: side, height: side });
const SSD300 = { configuration: VOC300, input: square(300), maps: [38, 19, 10, 5, 3, 1].map(square), threshold: 0.5 };
const corner = ([x1, y1, x2, y2]: readonly number[]): CornerBox<Unit> => ({ x1, y1, x2, y2 });
/** Pixels of SSD300's input around a point. */
const pixels = (cx: number, cy: number, width: number, height: number): CornerBox<Unit> =>
  corner([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2].map((value) => value / 300));

/** The best IoU by comparing with each default box. */
function bestIou(object: CornerBox<Unit>, configuration: DefaultBoxConfiguration, { input, maps }: typeof SSD300) {
  const { corners, total } = generateDefaultBoxes(configuration, input, maps);
  const own = [object.x1, object.y1, object.x2, object.y2];
  return Math.max(...Array.from({ length: total }, (_, prior) => iouAt(own, 0, corners, prior)));
}

describe('what an object needs to be reached', () => {
  it('is nothing when it is reached', () => {
    const reach = reachOf(pixels(148, 148, 60, 60), SSD300);
    expect(reach).toMatchObject({ reached: true, changes: [], width: expect.closeTo(60, 6) });
    expect(describeNeed(reach, 0.5)).toMatch(/It is reached/);
  });

  it('is smaller boxes for a small square: a lower s_min, or smaller boxes on the first map', () => {
    const reach = reachOf(pixels(148, 148, 14, 14), SSD300);
    expect(reach.changes.map(({ kind }) => kind).sort()).toEqual(['sMin', 'size']);
    const sMin = reach.changes.find(({ kind }) => kind === 'sMin')!;
    expect(scalesOf(sMin.configuration, SSD300.input).sMin).toBeLessThan(0.1);
    expect(describeNeed(reach, 0.5)).toMatch(
      /^It needs a square default box of about 14 px; the best one there is has IoU 0\.\d\d/,
    );
    expect(describeChange(sMin, SSD300.input)).toMatch(
      /^Make the smallest boxes \d+(\.\d)? instead of 30 px \(scale 0\.0\d+\); the other sizes follow$/,
    );
    const size = reach.changes.find(({ kind }) => kind === 'size')!;
    expect(size).toMatchObject({ source: 0, from: 30, addedBoxes: 0 });
    expect(describeChange(size, SSD300.input)).toMatch(/^Change the size 30 px of map 1 to \d+(\.\d)? px$/);
  });

  it('is a ratio for a long object of a size that is there', () => {
    const reach = reachOf(pixels(148, 148, 16, 160), SSD300);
    expect(reach.changes.map(({ kind }) => kind)).toContain('ratio');
    const ratio = reach.changes.find(({ kind }) => kind === 'ratio')!;
    expect(ratio.addedBoxes).toBeGreaterThan(0);
    expect(describeNeed(reach, 0.5)).toMatch(/a default box of about 16 × 160 px, 1:10;/);
    expect(describeChange(ratio, SSD300.input)).toMatch(/^Add the ratio \d+(\.5)?:1 and 1:\d+(\.5)? to map \d$/);
  });

  it('is a larger input for what lies between the cells', () => {
    const reach = reachOf(pixels(128, 128, 3, 3), { ...SSD300, threshold: 0.7 });
    expect(reach.changes).toEqual([]);
    expect(reach.possibleIou).toBeLessThan(0.7);
    expect(describeNeed(reach, 0.7)).toMatch(/only finer cells help/);
  });

  it('is what each change gives: every one reaches the object, by comparing with each default box', () => {
    const setting = {
      ...SSD300,
      input: { width: 320, height: 240 },
      maps: [
        { width: 12, height: 9 },
        { width: 5, height: 1 },
      ],
    };
    fc.assert(
      fc.property(
        anyConfiguration,
        unitBox(0.02).map(corner),
        fc.double({ min: 0.3, max: 0.8, noNaN: true }),
        (configuration, object, threshold) => {
          const reach = reachOf(object, { ...setting, configuration, threshold });
          expect(reach.bestIou).toBeCloseTo(bestIou(object, configuration, setting), 4);
          for (const change of reach.changes) {
            expect(bestIou(object, change.configuration, setting)).toBeCloseTo(change.iou, 4);
            expect(change.iou).toBeGreaterThanOrEqual(threshold);
            const before = generateDefaultBoxes(configuration, setting.input, setting.maps).total;
            const after = generateDefaultBoxes(change.configuration, setting.input, setting.maps).total;
            expect(after - before).toBe(change.addedBoxes);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the nearest default boxes', () => {
  it('are those of the largest overlap, in order', () => {
    const { corners, total } = generateDefaultBoxes(VOC300, SSD300.input, SSD300.maps);
    fc.assert(
      fc.property(unitBox(), (box) => {
        const all = Array.from({ length: total }, (_, prior) => iouAt(box, 0, corners, prior));
        const best = all.filter((iou) => iou > 0).sort((a, b) => b - a);
        const nearest = nearestBoxes(corner(box), corners, 4);
        expect(nearest.map(({ iou }) => iou)).toEqual(best.slice(0, 4));
        for (const { prior, iou } of nearest) expect(all[prior]).toBe(iou);
      }),
      { numRuns: 20 },
    );
  });
});
