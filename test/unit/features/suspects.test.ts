import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { around, boxToScreen, fit } from '../../../src-renderer/canvas/viewport';
import { pictureBehind } from '../../../src-renderer/features/suspects/crop';

const anyCase = fc
  .record({
    width: fc.integer({ min: 20, max: 5000 }),
    height: fc.integer({ min: 20, max: 5000 }),
    place: fc.tuple(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.double({ min: 0, max: 0.9, noNaN: true })),
    share: fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true })),
  })
  .map(({ width, height, place: [x, y], share: [w, h] }) => ({
    picture: { width, height },
    box: { x1: x * width, y1: y * height, x2: (x + (1 - x) * w) * width, y2: (y + (1 - y) * h) * height },
  }));

describe('the tile of a suspect', () => {
  it('shows the whole box, on the picture where that is large enough, and keeps its shape', () => {
    fc.assert(
      fc.property(anyCase, ({ picture, box }) => {
        const { left, top, width, height } = pictureBehind(box, picture);
        expect(width / height).toBeCloseTo(picture.width / picture.height, 6);

        for (const x of [box.x1, box.x2]) {
          expect(left + (x / picture.width) * width).toBeGreaterThan(-1e-6);
          expect(left + (x / picture.width) * width).toBeLessThan(1 + 1e-6);
        }
        const y = (part: number) => top + (part / picture.height) * height;
        expect(y(box.y1)).toBeGreaterThan(-1e-6);
        expect(y(box.y2)).toBeLessThan(1 + 1e-6);
        if (width >= 1) expect([left <= 1e-9, left + width >= 1 - 1e-9]).toEqual([true, true]);
        if (height >= 1) expect([top <= 1e-9, top + height >= 1 - 1e-9]).toEqual([true, true]);
      }),
    );
  });
});

describe('a view around a box', () => {
  it('shows it whole and never smaller than the whole picture would be', () => {
    fc.assert(
      fc.property(anyCase, ({ picture, box }) => {
        const canvas = { width: 900, height: 600 };
        const view = around(box, picture, canvas);
        expect(view.scale).toBeGreaterThanOrEqual(fit(picture, canvas).scale - 1e-9);
        const { x1, y1, x2, y2 } = boxToScreen(view, box);
        expect([(x1 + x2) / 2 > 0, (x1 + x2) / 2 < 900, (y1 + y2) / 2 > 0, (y1 + y2) / 2 < 600]).toEqual(
          Array(4).fill(true),
        );
      }),
    );
  });
});
