import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opacityValues, OutlineCounts } from '../../../src-renderer/canvas/density';

const WIDTH = 23;
const HEIGHT = 17;

/** Pixel by pixel, as an outline is defined: the first and last column and row of each box. */
function bruteForce(boxes: readonly (readonly number[])[]): number[] {
  const counts = new Array<number>(WIDTH * HEIGHT).fill(0);
  for (const [x1, y1, x2, y2] of boxes.map((box) => box.map(Math.floor))) {
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const across = x >= x1 && x <= x2 ? Number(y === y1) + Number(y === y2) : 0;
        const down = y > y1 && y < y2 ? Number(x === x1) + Number(x === x2) : 0;
        counts[y * WIDTH + x] += across + down;
      }
    }
  }
  return counts;
}

/** Boxes that may reach far beyond the image or miss it. */
const box = fc
  .tuple(...[30, 30, 30, 30].map(() => fc.double({ min: -20, max: 45, noNaN: true })))
  .map(([a, b, c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)].map(Math.fround));

describe('the outlines of many boxes', () => {
  it('are counted in every pixel as one by one, also beyond the borders and again after a reset', () => {
    const counts = new OutlineCounts();
    const values = Uint32Array.from({ length: 200 }, (_, i) => i);
    fc.assert(
      fc.property(fc.array(box, { maxLength: 30 }), (boxes) => {
        counts.reset(WIDTH, HEIGHT);
        const placing = { scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 };
        counts.add(Float32Array.from(boxes.flat()), Int32Array.from(boxes.keys()), placing);
        const pixels = new Uint32Array(WIDTH * HEIGHT);
        counts.write(values, pixels);
        const expected = bruteForce(boxes);
        expect([...pixels]).toEqual(expected);
        expect(counts.drawn).toBe(expected.reduce((a, b) => a + b, 0));
      }),
    );
  });

  it('lie where the view puts them', () => {
    const counts = new OutlineCounts();
    counts.reset(10, 10);
    counts.add(Float32Array.of(0, 0, 1, 1), Int32Array.of(0), { scaleX: 4, scaleY: 2, offsetX: 3, offsetY: 5 });
    const pixels = new Uint32Array(100);
    counts.write(Uint32Array.of(0, 1, 2), pixels);
    const rows = Array.from({ length: 10 }, (_, y) => [...pixels.subarray(10 * y, 10 * y + 10)].join(''));
    expect(rows.slice(4, 9)).toEqual(['0000000000', '0001111100', '0001000100', '0001111100', '0000000000']);
  });

  it('become fainter one by one where there are many, never fully transparent nor less opaque by more', () => {
    const opacity = (mean: number) => {
      const bytes = new Uint8Array(opacityValues([1, 2, 3], mean).buffer);
      return (count: number) => bytes[4 * count + 3];
    };
    expect(opacity(0.01)(1)).toBe(Math.round(255 * 0.7));
    expect(opacity(20)(1)).toBeLessThan(10);
    expect(opacity(20)(20)).toBeGreaterThan(60);
    for (const count of [0, 1, 10, 500]) expect(opacity(20)(count + 1)).toBeGreaterThanOrEqual(opacity(20)(count));
    expect(opacity(20)(0)).toBe(0);
  });
});
