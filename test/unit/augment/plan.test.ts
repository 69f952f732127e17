import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION, NO_AUGMENTATION, type AugmentConfiguration } from '@core/augment/configuration';
import { drawCrop } from '@core/augment/crop';
import { drawPhotometric } from '@core/augment/photometric';
import { planAugmentation } from '@core/augment/plan';
import {
  flipBoxHorizontally,
  flipBoxVertically,
  inputToSource,
  placeObjects,
  viewBox,
  wholePicture,
} from '@core/augment/view';
import { boxAround } from '@core/geometry/affine';
import type { ImagePx } from '@core/geometry/box';
import { SUGGESTED_AUGMENTATION } from '@core/experiment/suggest';
import { toImagePx, toUnit } from '@core/geometry/convert';
import { iou } from '@core/geometry/overlap';
import { Random } from '@core/random/random';
import { unitBox } from '../../support/objects';

const picture = { width: 640, height: 480 };
const input = { width: 320, height: 240 };
const everything: AugmentConfiguration = { ...DEFAULT_AUGMENTATION, verticalFlip: { probability: 0.5 } };

const anyBox = unitBox(0.02).map(([x1, y1, x2, y2]) => toImagePx({ x1, y1, x2, y2 }, picture));
const anyBoxes = fc.array(anyBox, { maxLength: 8 });
const anySeed = fc.integer({ min: 0, max: 0xffffffff });

describe('a plan', () => {
  it('is the whole picture and every object without augmentation', () => {
    const box = { x1: 64, y1: 48, x2: 320, y2: 240 };
    const plan = planAugmentation(NO_AUGMENTATION, Random.seeded(1), picture, [box]);
    expect(plan.photometric).toEqual([]);
    expect(plan.view).toEqual(wholePicture(picture));
    expect(plan.boxes).toEqual([{ index: 0, box: toUnit(box, picture) }]);
    expect(plan.dropped).toEqual([]);
  });

  it('is the same for the same seed and another for another', () => {
    const boxes = [{ x1: 64, y1: 48, x2: 320, y2: 240 }];
    const draw = (seed: number) => planAugmentation(everything, Random.seeded(seed), picture, boxes);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  // Written down before shear, rotation and channel order existed: whoever does not use them sees the pictures of then.
  it.each([
    ['paper', DEFAULT_AUGMENTATION, '6b83634ae8ae56ce29f28702d094f6f16494e791148c8917835e04f736182e94'],
    ['suggested', SUGGESTED_AUGMENTATION, '29fe93e81281451c79a46a222c484f96ca0470f7ebc18b323be305eda7a619f5'],
  ])('of a seed stays what it was (%s)', (_, configuration, expected) => {
    const hash = createHash('sha256');
    for (let seed = 0; seed < 500; seed++) {
      const boxes = Array.from({ length: seed % 5 }, (_each, i) => ({
        x1: 40 * i + seed / 10,
        y1: 30 * i,
        x2: 40 * i + 150,
        y2: 30 * i + 100 + seed / 7,
      }));
      const plan = planAugmentation(
        { ...configuration, verticalFlip: { probability: 0.5 } },
        Random.seeded(seed, 1, 2),
        picture,
        boxes,
      );
      const { region, flipHorizontal, flipVertical } = plan.view;
      hash.update(JSON.stringify([plan.photometric, region, flipHorizontal, flipVertical, plan.boxes, plan.dropped]));
    }
    expect(hash.digest('hex')).toBe(expected);
  });

  it('draws everything else alike with and without shear, rotation and other channels', () => {
    const slanted = { ...everything, shear: { probability: 1, maxFactor: 0.1 }, channelShuffle: { probability: 1 } };
    const [plain, other] = [everything, slanted].map((c) => planAugmentation(c, Random.seeded(9), picture, []));
    expect(other.photometric.filter(({ kind }) => kind !== 'channels')).toEqual(plain.photometric);
    expect(other.view.flipHorizontal).toBe(plain.view.flipHorizontal);
    expect(other.view.slant).toBeDefined();
    const ratio = (plan: typeof plain, width: number) => (plan.view.region.x2 - plan.view.region.x1) / width;
    expect(ratio(other, other.view.slant!.canvas.width)).toBeCloseTo(ratio(plain, picture.width), 9);
  });

  it('accounts for every object once, keeps those with the centre in the view and clips them to it', () => {
    fc.assert(
      fc.property(anyBoxes, anySeed, (boxes, seed) => {
        const { view, boxes: kept, dropped } = planAugmentation(everything, Random.seeded(seed), picture, boxes);
        const indices = [...kept, ...dropped].map(({ index }) => index).sort((a, b) => a - b);
        expect(indices).toEqual(boxes.map((_, i) => i));
        for (const { index, box } of kept) {
          expect(inside(view.region, boxes[index])).toBe(true);
          expect(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= 1 && box.y2 <= 1).toBe(true);
          expect(box.x2 > box.x1 && box.y2 > box.y1).toBe(true);
        }
        for (const { index } of dropped) expect(inside(view.region, boxes[index])).toBe(false);
      }),
    );
  });

  it('moves boxes as it moves pixels', () => {
    fc.assert(
      fc.property(anyBox, anySeed, (box, seed) => {
        const { view } = planAugmentation(everything, Random.seeded(seed), picture, [box]);
        const seen = toImagePx(viewBox(view, box), input);
        const back = boxAround<ImagePx, ImagePx>(inputToSource(view, input), seen);
        [back.x1, back.y1, back.x2, back.y2].forEach((value, i) =>
          expect(value).toBeCloseTo([box.x1, box.y1, box.x2, box.y2][i], 6),
        );
      }),
    );
  });

  it('drops degenerate objects with the reason and still crops by the others', () => {
    const flat = { x1: 10, y1: 10, x2: 10, y2: 50 };
    const { boxes, dropped } = placeObjects(wholePicture(picture), [flat, { x1: 0, y1: 0, x2: 10, y2: 10 }]);
    expect(dropped).toEqual([{ index: 0, reason: 'no area' }]);
    expect(boxes.map(({ index }) => index)).toEqual([1]);
  });

  it('says which object lost its centre to the crop, and clips what stays', () => {
    const view = { region: { x1: 100, y1: 0, x2: 300, y2: 200 }, flipHorizontal: true, flipVertical: false };
    const { boxes, dropped } = placeObjects(view, [
      { x1: 50, y1: 50, x2: 149, y2: 150 },
      { x1: 50, y1: 50, x2: 150, y2: 150 },
    ]);
    expect(dropped).toEqual([{ index: 0, reason: 'centre outside the crop' }]);
    expect(boxes).toEqual([{ index: 1, box: { x1: 0.75, y1: 0.25, x2: 1, y2: 0.75 } }]);
  });
});

describe('zoom out', () => {
  it('puts the whole picture on a canvas up to maxRatio times as large, of the same shape', () => {
    const configuration = { ...NO_AUGMENTATION, zoomOut: { probability: 1, maxRatio: 4 } };
    fc.assert(
      fc.property(anySeed, (seed) => {
        const { region } = planAugmentation(configuration, Random.seeded(seed), picture, []).view;
        const ratio = (region.x2 - region.x1) / picture.width;
        expect(ratio).toBeGreaterThanOrEqual(1);
        expect(ratio).toBeLessThanOrEqual(4);
        expect((region.y2 - region.y1) / picture.height).toBeCloseTo(ratio, 9);
        expect(region.x1 <= 0 && region.y1 <= 0).toBe(true);
        expect(region.x2 >= picture.width - 1e-9 && region.y2 >= picture.height - 1e-9).toBe(true);
      }),
    );
  });
});

describe('zoom in', () => {
  const canvas = { x1: 0, y1: 0, x2: 640, y2: 480 };

  it('stays on the canvas, keeps to scale and shape, and touches an object unless it is any crop', () => {
    fc.assert(
      fc.property(fc.array(anyBox, { minLength: 1, maxLength: 4 }), anySeed, (boxes, seed) => {
        const crop = drawCrop(canvas, boxes, { minScale: 0.3, rule: 'atLeastOne' }, Random.seeded(seed));
        const width = (crop.x2 - crop.x1) / 640;
        const height = (crop.y2 - crop.y1) / 480;
        expect(crop.x1 >= 0 && crop.y1 >= 0 && crop.x2 <= 640 + 1e-9 && crop.y2 <= 480 + 1e-9).toBe(true);
        expect(Math.sqrt(width * height)).toBeGreaterThanOrEqual(0.3 - 1e-9);
        expect(width / height).toBeGreaterThanOrEqual(0.5 - 1e-9);
        expect(width / height).toBeLessThanOrEqual(2 + 1e-9);
      }),
    );
  });

  it('takes the whole canvas about one time in seven when every sampler finds a crop', () => {
    const random = Random.seeded(3);
    const objects = [{ x1: 100, y1: 80, x2: 540, y2: 400 }];
    let whole = 0;
    let overlapping = 0;
    for (let i = 0; i < 7000; i++) {
      const crop = drawCrop(canvas, objects, { minScale: 0.3, rule: 'atLeastOne' }, random);
      if (crop === canvas) whole++;
      if (iou(crop, objects[0]) >= 0.1) overlapping++;
    }
    expect(whole / 7000).toBeGreaterThan(0.12);
    expect(whole / 7000).toBeLessThan(0.17);
    expect(overlapping).toBeGreaterThan(6000);
  });

  it('overlaps every object as much as its sampler asks under the rule of RFBNet', () => {
    const objects = [
      { x1: 100, y1: 100, x2: 300, y2: 300 },
      { x1: 320, y1: 120, x2: 500, y2: 330 },
    ];
    const random = Random.seeded(4);
    const least = (crop: (typeof objects)[0]) => Math.min(...objects.map((object) => iou(crop, object)));
    const draws = (rule: 'atLeastOne' | 'all') =>
      Array.from({ length: 600 }, () => least(drawCrop(canvas, objects, { minScale: 0.3, rule }, random)));
    const untouched = (values: readonly number[]) => values.filter((value) => value < 0.1).length / values.length;
    // What remains is the sampler that takes any crop.
    expect(untouched(draws('all'))).toBeLessThan(0.2);
    expect(untouched(draws('atLeastOne'))).toBeGreaterThan(0.3);
    for (let i = 0; i < 200; i++) {
      const alone = drawCrop(canvas, objects.slice(0, 1), { minScale: 0.3, rule: 'all' }, Random.seeded(i));
      const one = drawCrop(canvas, objects.slice(0, 1), { minScale: 0.3, rule: 'atLeastOne' }, Random.seeded(i));
      expect(alone).toEqual(one);
    }
  });

  it('is the whole canvas without objects', () => {
    expect(drawCrop(canvas, [], { minScale: 0.3, rule: 'atLeastOne' }, Random.seeded(1))).toBe(canvas);
  });
});

describe('flips', () => {
  it('twice are the identity', () => {
    fc.assert(
      fc.property(unitBox(), ([x1, y1, x2, y2]) => {
        for (const flip of [flipBoxHorizontally, flipBoxVertically]) {
          const twice = flip(flip({ x1, y1, x2, y2 }));
          [twice.x1, twice.y1, twice.x2, twice.y2].forEach((v, i) => expect(v).toBeCloseTo([x1, y1, x2, y2][i], 12));
        }
      }),
    );
  });
});

describe('colour', () => {
  it('changes within the configured strengths, brightness first, in one of two orders', () => {
    const random = Random.seeded(5);
    const orders = new Set<string>();
    for (let i = 0; i < 500; i++) {
      const steps = drawPhotometric({ ...DEFAULT_AUGMENTATION.photometric, probability: 1 }, random);
      orders.add(steps.map(({ kind }) => kind).join(' '));
      for (const step of steps) {
        if (step.kind === 'brightness') expect(Math.abs(step.delta)).toBeLessThanOrEqual(32);
        else if (step.kind === 'hue') expect(Math.abs(step.degrees)).toBeLessThanOrEqual(36);
        else if (step.kind !== 'channels') expect(Math.abs(step.factor - 1)).toBeLessThanOrEqual(0.5);
      }
    }
    expect([...orders].sort()).toEqual(['brightness contrast saturation hue', 'brightness saturation hue contrast']);
  });

  it('applies each change by its own coin', () => {
    const random = Random.seeded(6);
    let steps = 0;
    for (let i = 0; i < 4000; i++) steps += drawPhotometric(DEFAULT_AUGMENTATION.photometric, random).length;
    expect(steps / 4000).toBeGreaterThan(1.9);
    expect(steps / 4000).toBeLessThan(2.1);
  });
});

function inside(
  region: { x1: number; y1: number; x2: number; y2: number },
  box: { x1: number; y1: number; x2: number; y2: number },
): boolean {
  const x = (box.x1 + box.x2) / 2;
  const y = (box.y1 + box.y2) / 2;
  return x >= region.x1 && x <= region.x2 && y >= region.y1 && y <= region.y2;
}
