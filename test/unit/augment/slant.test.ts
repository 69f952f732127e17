import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_AUGMENTATION } from '@core/augment/configuration';
import { planAugmentation } from '@core/augment/plan';
import { drawSlant, slantOf } from '@core/augment/slant';
import { placeObjects, sourceToUnit, viewBox, type View } from '@core/augment/view';
import { boxAround, boxAroundEllipse } from '@core/geometry/affine';
import { toImagePx } from '@core/geometry/convert';
import { Random } from '@core/random/random';
import { unitBox } from '../../support/objects';

const picture = { width: 640, height: 480 };
const anySeed = fc.integer({ min: 0, max: 0xffffffff });
const anyBox = unitBox(0.02).map(([x1, y1, x2, y2]) => toImagePx({ x1, y1, x2, y2 }, picture));
const slanting = {
  ...NO_AUGMENTATION,
  shear: { probability: 0.7, maxFactor: 0.2 },
  rotation: { probability: 0.7, maxDegrees: 10 },
};

describe('a slant', () => {
  it('of a shear has the canvas W + |factor| H and the shift max(0, -factor H)', () => {
    const right = slantOf({ shearX: 0.25, shearY: 0, degrees: 0 }, picture);
    expect(right.canvas).toEqual({ width: 640 + 120, height: 480 });
    expect([right.map.dx, right.map.dy]).toEqual([0, 0]);
    const left = slantOf({ shearX: -0.25, shearY: 0, degrees: 0 }, picture);
    expect(left.canvas).toEqual({ width: 640 + 120, height: 480 });
    expect([left.map.dx, left.map.dy]).toEqual([120, 0]);
    const down = slantOf({ shearX: 0, shearY: -0.25, degrees: 0 }, picture);
    expect(down.canvas).toEqual({ width: 640, height: 480 + 160 });
    expect([down.map.dx, down.map.dy]).toEqual([0, 160]);
  });

  it('holds the whole picture and no more', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const slant = drawSlant(slanting, Random.seeded(seed), picture);
        if (!slant) return;
        const bounds = boxAround(slant.map, { x1: 0, y1: 0, x2: 640, y2: 480 });
        expect(bounds.x1).toBeCloseTo(0, 8);
        expect(bounds.y1).toBeCloseTo(0, 8);
        expect(bounds.x2).toBeCloseTo(slant.canvas.width, 8);
        expect(bounds.y2).toBeCloseTo(slant.canvas.height, 8);
      }),
    );
  });

  it('is drawn as often and as far as configured, the same for the same seed', () => {
    const random = Random.seeded(11);
    const slants = Array.from({ length: 4000 }, () => drawSlant(slanting, random, picture));
    const sheared = slants.filter((slant) => slant && slant.shearX + slant.shearY !== 0);
    const turned = slants.filter((slant) => slant && slant.degrees !== 0);
    expect(sheared.length / 4000).toBeCloseTo(0.7, 1);
    expect(turned.length / 4000).toBeCloseTo(0.7, 1);
    for (const slant of slants) {
      expect(Math.abs(slant?.shearX ?? 0) <= 0.2 && Math.abs(slant?.shearY ?? 0) <= 0.2).toBe(true);
      expect((slant?.shearX ?? 0) === 0 || slant?.shearY === 0).toBe(true);
      expect(Math.abs(slant?.degrees ?? 0)).toBeLessThanOrEqual(10);
    }
    expect(drawSlant(slanting, Random.seeded(3), picture)).toEqual(drawSlant(slanting, Random.seeded(3), picture));
  });

  it('boxes once: slant, crop and mirrors as one map give the same box', () => {
    const everything = {
      ...slanting,
      zoomOut: { probability: 0.5, maxRatio: 2 },
      zoomIn: { probability: 0.7, minScale: 0.3, rule: 'atLeastOne' },
      horizontalFlip: { probability: 0.5 },
      verticalFlip: { probability: 0.5 },
    } as const;
    fc.assert(
      fc.property(
        anyBox,
        anySeed,
        fc.constantFrom('corners' as const, 'ellipse' as const),
        (box, seed, slantedBoxes) => {
          const { view } = planAugmentation({ ...everything, slantedBoxes }, Random.seeded(seed), picture, [box]);
          const around = slantedBoxes === 'ellipse' ? boxAroundEllipse : boxAround;
          const [once, found] = [
            view.slant ? around(sourceToUnit(view), box) : boxAround(sourceToUnit(view), box),
            viewBox(view, box),
          ];
          for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(found[side]).toBeCloseTo(once[side], 8);
        },
      ),
    );
  });

  it('drops by the centre of the slanted box, and what had no area before it has none after it', () => {
    const slant = slantOf({ shearX: 0.2, shearY: 0, degrees: 0 }, { width: 200, height: 100 });
    const view: View = {
      slant,
      region: { x1: 0, y1: 0, x2: 110, y2: 100 },
      flipHorizontal: false,
      flipVertical: false,
    };
    const { boxes, dropped } = placeObjects(view, [
      { x1: 50, y1: 0, x2: 50, y2: 100 },
      // The centre 100, 45 comes to lie at 109; that of the third, 100, 55, at 111.
      { x1: 90, y1: 40, x2: 110, y2: 50 },
      { x1: 90, y1: 50, x2: 110, y2: 60 },
    ]);
    expect(boxes.map(({ index }) => index)).toEqual([1]);
    expect(boxes[0].box.x1).toBeCloseTo((90 + 8) / 110, 9);
    expect(boxes[0].box.x2).toBe(1);
    expect(dropped).toEqual([
      { index: 0, reason: 'no area' },
      { index: 2, reason: 'centre outside the crop' },
    ]);
  });
});
