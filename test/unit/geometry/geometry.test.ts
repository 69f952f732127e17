import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, isDegenerate, toCenter, toCorner, toImagePx, toUnit } from '@core/geometry/convert';
import { orderByScore, suppressNonMaxima } from '@core/geometry/nms';
import { kthLargest } from '@core/geometry/select';
import { inclusivePixelIou, iou, iouAt } from '@core/geometry/overlap';
import { unitBox } from '../../support/objects';

const corner = ([x1, y1, x2, y2]: readonly number[]) => ({ x1, y1, x2, y2 });
const numbers = (box: { x1: number; y1: number; x2: number; y2: number }) => [box.x1, box.y1, box.x2, box.y2];

describe('IoU', () => {
  it('of known boxes', () => {
    expect(iou(corner([0, 0, 2, 2]), corner([1, 1, 3, 3]))).toBeCloseTo(1 / 7, 12);
    expect(inclusivePixelIou(corner([1, 1, 2, 2]), corner([2, 2, 3, 3]))).toBeCloseTo(1 / 7, 12);
    expect(iou(corner([0, 0, 1, 1]), corner([1, 0, 2, 1]))).toBe(0);
    expect(iou(corner([0, 0, 1, 1]), corner([0.5, 0.5, 0.5, 0.5]))).toBe(0);
    expect(iou(corner([0, 0, 1, 1]), corner([Number.NaN, 0, 1, 1]))).toBe(0);
  });

  it('is symmetric, 1 with itself, and the same from flat arrays', () => {
    fc.assert(
      fc.property(unitBox(), unitBox(), (a, b) => {
        expect(iou(corner(a), corner(b))).toBe(iou(corner(b), corner(a)));
        expect(iou(corner(a), corner(a))).toBeCloseTo(1, 9);
        expect(iouAt(a, 0, [0, 0, 0, 0, ...b], 1)).toBe(iou(corner(a), corner(b)));
      }),
    );
  });
});

describe('box forms', () => {
  it('convert there and back', () => {
    fc.assert(
      fc.property(unitBox(), (values) => {
        const box = corner(values);
        const size = { width: 640, height: 480 };
        numbers(toCorner(toCenter(box))).forEach((value, i) => expect(value).toBeCloseTo(values[i], 12));
        numbers(toUnit(toImagePx(box, size), size)).forEach((value, i) => expect(value).toBeCloseTo(values[i], 12));
      }),
    );
  });

  it('clip to the picture, where nothing may be left', () => {
    const picture = { width: 100, height: 50 };
    expect(clip(corner([-10, 10, 120, 60]), picture)).toEqual(corner([0, 10, 100, 50]));
    expect(isDegenerate(clip(corner([110, 10, 120, 20]), picture))).toBe(true);
    expect(isDegenerate(corner([0, 0, Number.NaN, 1]))).toBe(true);
  });
});

describe('suppression', () => {
  const suppress = (boxes: readonly number[], order: ArrayLike<number>, threshold = 0.45): number[] => {
    const kept = new Int32Array(order.length);
    return Array.from(kept.subarray(0, suppressNonMaxima(boxes, order, threshold, kept)));
  };

  it('keeps a box that overlaps a kept one by exactly the threshold, and drops one that overlaps more', () => {
    // IoU of the first with the second is 1/2, with the third 2/3.
    const boxes = [0, 0, 1, 2, 0, 0, 1, 1, 0, 0, 1, 3];
    expect(suppress(boxes, [0, 1, 2], 0.5)).toEqual([0, 1]);
    expect(suppress(boxes, [0, 1, 2], 0.49)).toEqual([0]);
  });

  it('does not let a suppressed box suppress another', () => {
    const boxes = [0, 0, 10, 1, 4, 0, 14, 1, 8, 0, 18, 1];
    expect(suppress(boxes, [0, 1, 2], 0.4)).toEqual([0, 2]);
  });

  it('counts one more pixel for each width and height where it is told to', () => {
    // Two boxes of 4 x 4 pixels, 2 apart: continuous IoU 8/24 = .33, with the pixel (3 * 5) / (2 * 25 - 15) = .43.
    const boxes = [0, 0, 4, 4, 2, 0, 6, 4].map((value) => value / 100);
    const kept = new Int32Array(2);
    expect(suppressNonMaxima(boxes, [0, 1], 0.4, kept)).toBe(2);
    expect(suppressNonMaxima(boxes, [0, 1], 0.4, kept, { width: 0.01, height: 0.01 })).toBe(1);
    expect(iouAt(boxes, 0, boxes, 1, 0.01, 0.01)).toBeCloseTo(
      inclusivePixelIou(corner([0, 0, 4, 4]), corner([2, 0, 6, 4])),
      9,
    );
  });

  it('changes nothing the second time, and what is kept does not overlap more than allowed', () => {
    fc.assert(
      fc.property(fc.array(unitBox(0.1), { maxLength: 30 }), (list) => {
        const boxes = list.flat();
        const once = suppress(boxes, Int32Array.from(list.keys()));
        expect(suppress(boxes, once)).toEqual(once);
        for (const i of once)
          for (const j of once) if (i !== j) expect(iouAt(boxes, i, boxes, j)).toBeLessThanOrEqual(0.45);
        if (list.length > 0) expect(once[0]).toBe(0);
      }),
    );
  });

  it('orders by score, equal scores by index, and stops at the limit', () => {
    const scores = Float64Array.of(0.9, 0.1, 0.5, 0.9, 0.5);
    const order = orderByScore(Int32Array.from([4, 3, 2, 1, 0]), scores, 4);
    expect(Array.from(order)).toEqual([1, 4, 0, 2]);
  });

  it('orders the same with a limit as without, for any scores', () => {
    const scores = fc.array(fc.constantFrom(0.1, 0.2, 0.5, 0.9), { maxLength: 30 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 0, max: 30 }), (values, limit) => {
        const indices = Int32Array.from(values.keys());
        const all = orderByScore(indices, Float64Array.from(values), values.length);
        expect(orderByScore(indices, Float64Array.from(values), limit)).toEqual(all.subarray(0, limit));
      }),
    );
  });
});

describe('the k-th largest', () => {
  it('is what sorting gives, with equal numbers too, and comes to an end with NaN', () => {
    const numbers = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 0.5, 1)), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.nat(), (values, seed) => {
        const k = 1 + (seed % values.length);
        const sorted = values.slice().sort((a, b) => b - a);
        expect(kthLargest(Float64Array.from(values), values.length, k) === sorted[k - 1]).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(Number.NaN, 1, 2), { minLength: 1 }), fc.nat(), (values, seed) => {
        kthLargest(Float64Array.from(values), values.length, 1 + (seed % values.length));
      }),
    );
  });
});
