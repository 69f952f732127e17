import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_AUGMENTATION, type AugmentConfiguration } from '@core/augment/configuration';
import { planAugmentation, type AugmentPlan } from '@core/augment/plan';
import { viewBox } from '@core/augment/view';
import { toImagePx } from '@core/geometry/convert';
import { Random } from '@core/random/random';
import type { RgbImage } from '../../../src-main/images/decode';
import { warp } from '../../../src-main/images/warp';

const PICTURE = { width: 120, height: 90 };
const INPUT = { width: 96, height: 112 };
const RAW = { channelOrder: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] } as const;

const straight: AugmentConfiguration = {
  ...NO_AUGMENTATION,
  zoomOut: { probability: 0.5, maxRatio: 1.5 },
  zoomIn: { probability: 0.7, minScale: 0.3, rule: 'atLeastOne' },
  horizontalFlip: { probability: 0.5 },
  verticalFlip: { probability: 0.5 },
};
const slanted: AugmentConfiguration = {
  ...straight,
  shear: { probability: 0.8, maxFactor: 0.25 },
  rotation: { probability: 0.8, maxDegrees: 15 },
};

/** Whole pixels, so that the object's edge is the edge of its pixels. */
const anyObject = fc
  .tuple(fc.nat(80), fc.nat(60), fc.integer({ min: 14, max: 60 }), fc.integer({ min: 14, max: 60 }))
  .map(([x1, y1, w, h]) => ({ x1, y1, x2: Math.min(x1 + w, PICTURE.width), y2: Math.min(y1 + h, PICTURE.height) }));
type Object = { x1: number; y1: number; x2: number; y2: number };

function draw({ x1, y1, x2, y2 }: Object, shape: 'rectangle' | 'ellipse'): RgbImage {
  const { width, height } = PICTURE;
  const data = new Uint8Array(width * height * 3);
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) {
      const u = (2 * (x + 0.5 - x1)) / (x2 - x1) - 1;
      const v = (2 * (y + 0.5 - y1)) / (y2 - y1) - 1;
      if (shape === 'rectangle' || u * u + v * v <= 1) data.fill(255, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { data, width, height };
}

/** Bounds of the bright pixels of the input, or null. */
function seenIn({ view }: AugmentPlan, image: RgbImage): Object | null {
  const out = new Float32Array(INPUT.width * INPUT.height * 3);
  warp(image, PICTURE, view, INPUT, RAW, out);
  let bounds: Object | null = null;
  for (let y = 0; y < INPUT.height; y++) {
    for (let x = 0; x < INPUT.width; x++) {
      if (out[(y * INPUT.width + x) * 3 + 1] <= 127) continue;
      const { x1, y1, x2, y2 }: Object = bounds ?? { x1: x, y1: y, x2: x, y2: y };
      bounds = { x1: Math.min(x1, x), y1: Math.min(y1, y), x2: Math.max(x2, x + 1), y2: Math.max(y2, y + 1) };
    }
  }
  return bounds;
}

/** How far the pixels reach beyond the box, and how far the box reaches beyond them: pixels of the input, the worst side. */
function differences(plan: AugmentPlan, image: RgbImage): { readonly out: number; readonly loose: number } | null {
  const seen = seenIn(plan, image);
  if (plan.boxes.length === 0 || seen === null) return null;
  const box = toImagePx(plan.boxes[0].box, INPUT);
  const beyond = [box.x1 - seen.x1, box.y1 - seen.y1, seen.x2 - box.x2, seen.y2 - box.y2];
  return { out: Math.max(...beyond), loose: -Math.min(...beyond) };
}

/** Whether the view cuts off a part of the one object's box. */
const isClipped = ({ view, boxes }: AugmentPlan, object: Object): boolean => {
  const whole = viewBox(view, object);
  const { box } = boxes[0];
  return (['x1', 'y1', 'x2', 'y2'] as const).some((side) => Math.abs(whole[side] - box[side]) > 1e-9);
};

/** Pixels of the input that one of the picture covers: so far interpolation rounds a slanted corner off. */
const sourcePixel = ({ view: { region } }: AugmentPlan): number =>
  Math.max(INPUT.width / (region.x2 - region.x1), INPUT.height / (region.y2 - region.y1));

const anySeed = fc.integer({ min: 0, max: 0xffffffff });

describe('a box follows its pixels', () => {
  it('within a pixel through zooms and mirrors', () => {
    fc.assert(
      fc.property(anyObject, anySeed, (object, seed) => {
        const plan = planAugmentation(straight, Random.seeded(seed), PICTURE, [object]);
        const found = differences(plan, draw(object, 'rectangle'));
        if (found) expect(Math.max(found.out, found.loose)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  it('through shear and rotation: it holds them all, and as closely where the view cuts nothing off', () => {
    let slants = 0;
    fc.assert(
      fc.property(anyObject, anySeed, (object, seed) => {
        const plan = planAugmentation(slanted, Random.seeded(seed), PICTURE, [object]);
        const found = differences(plan, draw(object, 'rectangle'));
        if (!found) return;
        expect(found.out).toBeLessThanOrEqual(1);
        if (plan.view.slant === undefined || isClipped(plan, object)) return;
        expect(found.loose).toBeLessThanOrEqual(1 + sourcePixel(plan));
        slants++;
      }),
      { numRuns: 200 },
    );
    expect(slants).toBeGreaterThan(50);
  });

  it('through shear and rotation of round objects: closely around the ellipse, looser around the corners', () => {
    let [tighter, slants] = [0, 0];
    fc.assert(
      fc.property(anyObject, anySeed, (object, seed) => {
        const planWith = (slantedBoxes: 'corners' | 'ellipse') =>
          planAugmentation({ ...slanted, zoomIn: NO_AUGMENTATION.zoomIn, slantedBoxes }, Random.seeded(seed), PICTURE, [
            object,
          ]);
        const [ellipse, corners] = [planWith('ellipse'), planWith('corners')];
        const image = draw(object, 'ellipse');
        const [close, loose] = [differences(ellipse, image), differences(corners, image)];
        if (!close || !loose || ellipse.view.slant === undefined || isClipped(ellipse, object)) return;
        // The drawn ellipse is one of whole pixels of the picture.
        expect(Math.max(close.out, close.loose)).toBeLessThanOrEqual(1 + sourcePixel(ellipse));
        expect(loose.out).toBeLessThanOrEqual(1 + sourcePixel(corners));
        slants++;
        if (loose.loose > close.loose + 0.5) tighter++;
      }),
      { numRuns: 200 },
    );
    expect(slants).toBeGreaterThan(100);
    expect(tighter / slants).toBeGreaterThan(0.5);
  });

  it('and the fill beyond the slanted picture is the mean', () => {
    const white: RgbImage = { data: new Uint8Array(120 * 90 * 3).fill(255), width: 120, height: 90 };
    const plan = planAugmentation(
      { ...NO_AUGMENTATION, rotation: { probability: 1, maxDegrees: 15 } },
      Random.seeded(2),
      PICTURE,
      [],
    );
    const out = new Float32Array(INPUT.width * INPUT.height * 3).fill(9);
    warp(white, PICTURE, plan.view, INPUT, { ...RAW, mean: [123, 117, 104] }, out);
    expect([...out.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...out.subarray(out.length - 3)]).toEqual([0, 0, 0]);
    const middle = ((INPUT.height / 2) * INPUT.width + INPUT.width / 2) * 3;
    expect([...out.subarray(middle, middle + 3)]).toEqual([132, 138, 151]);
  });
});
