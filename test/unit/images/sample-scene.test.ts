import { describe, expect, it } from 'vitest';
import { Random } from '@core/random/random';
import { boxOf } from '../../../src-main/images/sample/draw-part';
import { createBolt, createNut, createWasher, type Part } from '../../../src-main/images/sample/parts';
import { drawScene, HEIGHT, WIDTH } from '../../../src-main/images/sample/scene';

const metal = { colour: [1, 1, 1], gloss: 0, rust: 0 } as const;

/** The extent of the part's inside, sampled four times per pixel and side. */
function sampledExtent(part: Part, angle: number) {
  const surface = { distance: 0, nx: 0, ny: 0, shade: 1, turned: 0 };
  const extent = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  for (let y = -part.radius; y <= part.radius; y += 0.25) {
    for (let x = -part.radius; x <= part.radius; x += 0.25) {
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      part.surface(x * c + y * s, y * c - x * s, surface);
      if (surface.distance > 0) continue;
      extent.x1 = Math.min(extent.x1, x);
      extent.y1 = Math.min(extent.y1, y);
      extent.x2 = Math.max(extent.x2, x);
      extent.y2 = Math.max(extent.y2, y);
    }
  }
  return extent;
}

describe('a part', () => {
  it.each([
    ['washer', createWasher(30, Random.seeded(1))],
    ['nut', createNut(28, Random.seeded(2))],
    ['bolt', createBolt(120, Random.seeded(3))],
    ['bolt', createBolt(90, Random.seeded(8))],
  ] as const)('(%s) has a box that its outline touches on every side, at any angle', (className, part) => {
    expect(part.className).toBe(className);
    for (const angle of [0, 0.3, 0.8, Math.PI / 2, 2.2, 4.4, 6]) {
      const box = boxOf({ part, x: 0, y: 0, angle, metal });
      const extent = sampledExtent(part, angle);
      for (const side of ['x1', 'y1', 'x2', 'y2'] as const)
        expect(Math.abs(box[side] - extent[side])).toBeLessThan(1.2);
    }
  });
});

describe('a picture of the sample', () => {
  it('is the same for the same seed and index, and another for another', () => {
    const first = drawScene(3, 7);
    const again = drawScene(3, 7);
    expect(Buffer.compare(first.pixels, again.pixels)).toBe(0);
    expect(again.objects).toEqual(first.objects);
    expect(Buffer.compare(first.pixels, drawScene(4, 7).pixels)).not.toBe(0);
    expect(Buffer.compare(first.pixels, drawScene(3, 8).pixels)).not.toBe(0);
  });

  it('has boxes with an area inside it, of parts from 24 to 200 pixels, and is neither black nor white', () => {
    for (let index = 0; index < 12; index++) {
      const { pixels, objects } = drawScene(index, 20151208);
      expect(objects.length).toBeGreaterThan(0);
      for (const { box, truncated, difficult } of objects) {
        expect(box.x1).toBeGreaterThanOrEqual(0);
        expect(box.y1).toBeGreaterThanOrEqual(0);
        expect(box.x2).toBeLessThanOrEqual(WIDTH);
        expect(box.y2).toBeLessThanOrEqual(HEIGHT);
        const longer = Math.max(box.x2 - box.x1, box.y2 - box.y1);
        expect(longer).toBeLessThanOrEqual(201);
        if (!truncated && !difficult) expect(longer).toBeGreaterThanOrEqual(24);
      }
      const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      expect(mean).toBeGreaterThan(25);
      expect(mean).toBeLessThan(215);
    }
  });
});
