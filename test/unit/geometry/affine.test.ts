import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boxAround,
  boxAroundEllipse,
  cornersOf,
  IDENTITY,
  inTurn,
  inverse,
  mapPoint,
  rotation,
  scaling,
  shearX,
  shearY,
  translation,
  type Affine,
} from '@core/geometry/affine';
import type { CornerBox, ImagePx } from '@core/geometry/box';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const point = fc.record({ x: number(-50, 50), y: number(-50, 50) });
const anyMap: fc.Arbitrary<Affine> = fc
  .tuple(number(-0.5, 0.5), number(-0.5, 0.5), number(-180, 180), number(0.2, 3), number(-20, 20))
  .map(([x, y, degrees, size, shift]) =>
    inTurn(shearX(x), shearY(y), rotation(degrees), scaling(size, -size), translation(shift, -shift)),
  );
const anyBox: fc.Arbitrary<CornerBox<ImagePx>> = fc
  .tuple(point, number(0.1, 40), number(0.1, 40))
  .map(([{ x, y }, w, h]) => ({ x1: x, y1: y, x2: x + w, y2: y + h }));
const values = (box: CornerBox<ImagePx>) => [box.x1, box.y1, box.x2, box.y2];
const expectClose = (found: readonly number[], expected: readonly number[]) =>
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 8));

describe('an affine map', () => {
  it('composes in the order of the list: the first of it is done first', () => {
    const shearThenMove = inTurn(shearX(0.5), translation(10, 0));
    expect(mapPoint(shearThenMove, { x: 2, y: 4 })).toEqual({ x: 14, y: 4 });
    const moveThenDouble = inTurn(translation(10, 0), scaling(2, 1));
    expect(mapPoint(moveThenDouble, { x: 2, y: 4 })).toEqual({ x: 24, y: 4 });
    expect(mapPoint(inTurn(scaling(2, 1), translation(10, 0)), { x: 2, y: 4 })).toEqual({ x: 14, y: 4 });
    fc.assert(
      fc.property(anyMap, anyMap, point, (first, then, at) => {
        const step = mapPoint(then, mapPoint(first, at));
        const once = mapPoint(inTurn(first, then), at);
        expectClose([once.x, once.y], [step.x, step.y]);
      }),
    );
  });

  it('is undone by its inverse, and one that flattens the plane has none', () => {
    fc.assert(
      fc.property(anyMap, (map) => expectClose(Object.values(inTurn(map, inverse(map))), Object.values(IDENTITY))),
    );
    expect(() => inverse(scaling(0, 1))).toThrow(/cannot be undone/);
  });

  it('rotates clockwise where y grows downwards', () => {
    const { x, y } = mapPoint(rotation(90), { x: 1, y: 0 });
    expectClose([x, y], [0, 1]);
  });
});

describe('the box around a mapped box', () => {
  it('is the bounds of its four mapped corners', () => {
    fc.assert(
      fc.property(anyMap, anyBox, (map, box) => {
        const corners = cornersOf(box).map((corner) => mapPoint(map, corner));
        const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
        expectClose(values(boxAround(map, box)), [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
      }),
    );
  });

  it('of a shear is the closed form, for both signs', () => {
    fc.assert(
      fc.property(number(-0.5, 0.5), anyBox, (factor, box) => {
        const { x1, y1, x2, y2 } = box;
        const left = factor >= 0 ? x1 + factor * y1 : x1 + factor * y2;
        const right = factor >= 0 ? x2 + factor * y2 : x2 + factor * y1;
        expectClose(values(boxAround(shearX(factor), box)), [left, y1, right, y2]);
        const [top, bottom] = factor >= 0 ? [y1 + factor * x1, y2 + factor * x2] : [y1 + factor * x2, y2 + factor * x1];
        expectClose(values(boxAround(shearY(factor), box)), [x1, top, x2, bottom]);
      }),
    );
  });

  it('around its ellipse lies within, about the same centre, as wide as the points of the ellipse reach', () => {
    const ellipse = boxAroundEllipse<ImagePx, ImagePx>(shearX(0.4), { x1: -10, y1: -20, x2: 10, y2: 20 });
    expectClose(values(ellipse), [-Math.hypot(10, 8), -20, Math.hypot(10, 8), 20]);
    fc.assert(
      fc.property(anyMap, anyBox, (map, box) => {
        const [cx, cy, w, h] = [(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2, box.x2 - box.x1, box.y2 - box.y1];
        const points = Array.from({ length: 720 }, (_, i) => {
          const angle = (i * Math.PI) / 360;
          return mapPoint(map, { x: cx + (w / 2) * Math.cos(angle), y: cy + (h / 2) * Math.sin(angle) });
        });
        const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
        const reached = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
        const found = values(boxAroundEllipse(map, box));
        found.forEach((value, i) => expect(Math.abs(value - reached[i])).toBeLessThan(0.01));
        const around = boxAround(map, box);
        expect(around.x1 <= found[0] + 1e-9 && around.y2 >= found[3] - 1e-9).toBe(true);
      }),
    );
  });
});
