import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeTags } from '../../../src-renderer/canvas/labels';
import { MAX_SCALE, fit, keepZoom, panBy, toImage, toScreen, zoomAt } from '../../../src-renderer/canvas/viewport';

const image = { width: 640, height: 480 };
const canvas = { width: 900, height: 700 };

describe('the viewport', () => {
  it('fits the whole picture in the middle', () => {
    const view = fit(image, canvas);
    const [a, b] = [toScreen(view, { x: 0, y: 0 }), toScreen(view, { x: 640, y: 480 })];
    expect(a.x).toBeCloseTo(24);
    expect(a.x + b.x).toBeCloseTo(canvas.width);
    expect(a.y + b.y).toBeCloseTo(canvas.height);
  });

  it('maps to the screen and back', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 640, noNaN: true }),
        fc.double({ min: 0.05, max: 40, noNaN: true }),
        (x, scale) => {
          const view = { scale, offsetX: 13, offsetY: -7 };
          expect(toImage(view, toScreen(view, { x, y: 5 })).x).toBeCloseTo(x, 6);
        },
      ),
    );
  });

  it('keeps the point under the pointer while it zooms', () => {
    const view = fit(image, canvas);
    const pointer = { x: 500, y: 300 };
    const zoomed = zoomAt(view, pointer, 3, image, canvas);
    expect(zoomed.scale).toBeCloseTo(3 * view.scale);
    const [before, after] = [toImage(view, pointer), toImage(zoomed, pointer)];
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it('stops zooming at its ends and never loses the picture', () => {
    let view = fit(image, canvas);
    for (let i = 0; i < 50; i++) view = zoomAt(view, { x: 10, y: 10 }, 2, image, canvas);
    expect(view.scale).toBe(MAX_SCALE);
    for (let i = 0; i < 50; i++) view = panBy(view, 5000, -5000, image, canvas);
    const corner = toScreen(view, { x: 0, y: 480 });
    expect(corner.x).toBeLessThan(canvas.width);
    expect(corner.y).toBeGreaterThan(0);
  });

  it('keeps the relative zoom and the middle for a picture of another size', () => {
    const zoomed = zoomAt(fit(image, canvas), { x: 450, y: 350 }, 2, image, canvas);
    const other = { width: 1280, height: 960 };
    const kept = keepZoom(zoomed, [image, canvas], [other, canvas]);
    expect(kept.scale).toBeCloseTo(zoomed.scale / 2);
    const middle = toImage(kept, { x: 450, y: 350 });
    expect(middle.x / other.width).toBeCloseTo(toImage(zoomed, { x: 450, y: 350 }).x / image.width);
  });
});

describe('name tags', () => {
  const bounds = { x1: 0, y1: 0, x2: 400, y2: 300 };
  const tag = (x1: number, y1: number, x2: number, y2: number) => ({ box: { x1, y1, x2, y2 }, width: 40, height: 16 });
  const overlap = (a: { x1: number; y1: number; x2: number; y2: number }, b: typeof a) =>
    a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;

  it('stand above the box, below it at the top of the canvas, inside a box that fills it', () => {
    expect(placeTags([tag(100, 100, 200, 200)], bounds)[0]).toMatchObject({ x1: 100, y2: 99 });
    expect(placeTags([tag(100, 0, 200, 200)], bounds)[0]).toMatchObject({ y1: 201 });
    expect(placeTags([tag(0, 0, 400, 300)], bounds)[0]).toMatchObject({ x1: 1, y1: 1 });
  });

  it('never cover a small object nor another tag', () => {
    const place = fc.tuple(
      fc.nat(360),
      fc.nat(260),
      fc.integer({ min: 4, max: 120 }),
      fc.integer({ min: 4, max: 120 }),
    );
    fc.assert(
      fc.property(fc.array(place, { maxLength: 30 }), (places) => {
        const requests = places.map(([x, y, w, h]) => tag(x, y, x + w, y + h));
        const tags = placeTags(requests, bounds).filter((t) => t !== null);
        for (const [index, t] of tags.entries()) {
          expect(tags.slice(index + 1).some((other) => overlap(t, other))).toBe(false);
          for (const { box } of requests) {
            if (Math.min(box.x2 - box.x1, box.y2 - box.y1) < 56) expect(overlap(t, box)).toBe(false);
          }
        }
      }),
    );
  });
});
