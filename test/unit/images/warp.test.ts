import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { wholePicture, type View } from '@core/augment/view';
import type { Preprocessing } from '@core/network/description';
import type { RgbImage } from '../../../src-main/images/decode';
import { averageBlocks } from '../../../src-main/images/shrink';
import { warp } from '../../../src-main/images/warp';

const RAW: Preprocessing = { channelOrder: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };

function picture(width: number, height: number, value: (x: number, y: number, c: number) => number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = value(x, y, c);
  return { data, width, height };
}

const noise = (width: number, height: number) =>
  picture(width, height, (x, y, c) => (x * 73 + y * 151 + c * 41 + x * y) & 255);

/** The definition, one output value at a time. */
function reference(image: RgbImage, view: View, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height * 3);
  const at = (x: number, y: number, c: number) => {
    const column = Math.min(Math.max(x, 0), image.width - 1);
    const row = Math.min(Math.max(y, 0), image.height - 1);
    return image.data[(row * image.width + column) * 3 + c];
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = (view.flipHorizontal ? width - 1 - x : x) + 0.5;
      const v = (view.flipVertical ? height - 1 - y : y) + 0.5;
      const px = view.region.x1 + ((view.region.x2 - view.region.x1) * u) / width;
      const py = view.region.y1 + ((view.region.y2 - view.region.y1) * v) / height;
      if (px < 0 || py < 0 || px > image.width || py > image.height) continue;
      const x0 = Math.floor(px - 0.5);
      const y0 = Math.floor(py - 0.5);
      const fx = px - 0.5 - x0;
      const fy = py - 0.5 - y0;
      for (let c = 0; c < 3; c++) {
        out[(y * width + x) * 3 + c] =
          at(x0, y0, c) * (1 - fx) * (1 - fy) +
          at(x0 + 1, y0, c) * fx * (1 - fy) +
          at(x0, y0 + 1, c) * (1 - fx) * fy +
          at(x0 + 1, y0 + 1, c) * fx * fy;
      }
    }
  }
  return out;
}

describe('warping a picture into the network input', () => {
  it('equals the definition for any crop, also beyond the picture, and any flip', () => {
    const image = noise(23, 17);
    const start = fc.double({ min: -1, max: 0.6, noNaN: true });
    const size = fc.double({ min: 0.2, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(start, start, size, size, fc.boolean(), fc.boolean(), (x, y, w, h, flipHorizontal, flipVertical) => {
        const region = { x1: x * 23, y1: y * 17, x2: (x + w) * 23, y2: (y + h) * 17 };
        const view = { region, flipHorizontal, flipVertical };
        const out = new Float32Array(16 * 12 * 3);
        warp(image, image, view, { width: 16, height: 12 }, RAW, out);
        const expected = reference(image, view, 16, 12);
        // Not equal at once: the fraction is kept in single precision.
        for (let i = 0; i < out.length; i++) expect(Math.abs(out[i] - expected[i])).toBeLessThan(0.01);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves a picture of the input size exactly as it is, in the network order and normalised', () => {
    const image = noise(8, 6);
    const out = new Float32Array(8 * 6 * 3 + 5);
    warp(
      image,
      image,
      wholePicture(image),
      { width: 8, height: 6 },
      { channelOrder: 'bgr', mean: [104, 117, 123], std: [1, 2, 4] },
      out,
      5,
    );
    expect([...out.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
    const at = (x: number, y: number) => out.subarray(5 + (y * 8 + x) * 3, 5 + (y * 8 + x) * 3 + 3);
    const [r, g, b] = image.data.subarray((3 * 8 + 2) * 3);
    expect([...at(2, 3)]).toEqual([b - 104, (g - 117) / 2, (r - 123) / 4].map(Math.fround));
  });

  it('fills what lies beyond the picture with the mean, which is 0 after normalisation', () => {
    const out = new Float32Array(10 * 10 * 3).fill(9);
    const image = picture(10, 10, () => 200);
    const view = { region: { x1: -10, y1: -10, x2: 10, y2: 10 }, flipHorizontal: false, flipVertical: false };
    warp(image, image, view, { width: 10, height: 10 }, { ...RAW, mean: [123, 117, 104] }, out);
    expect([...out.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...out.subarray(out.length - 3)]).toEqual([77, 83, 96]);
  });

  it('averages instead of skipping pixels when the picture is much finer than the input', () => {
    const stripes = picture(640, 480, (x) => (x % 2 === 0 ? 0 : 255));
    const out = new Float32Array(40 * 30 * 3);
    warp(stripes, stripes, wholePicture(stripes), { width: 40, height: 30 }, RAW, out);
    for (const value of out) expect(Math.abs(value - 127.5)).toBeLessThan(1.1);
  });

  it('averages blocks that cover every pixel once, also when the size does not divide', () => {
    const image = noise(11, 7);
    const small = averageBlocks(image, 3, 2);
    expect([small.width, small.height]).toEqual([4, 4]);
    const mean = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    expect(Math.abs(mean(small.data) - mean(image.data))).toBeLessThan(12);
  });

  it('moves a box with its pixels: the bright rectangle stays where its box says', () => {
    const box = { x1: 0.3, y1: 0.4, x2: 0.6, y2: 0.7 };
    const image = picture(200, 100, (x, y) => {
      const inside =
        x + 0.5 > box.x1 * 200 && x + 0.5 < box.x2 * 200 && y + 0.5 > box.y1 * 100 && y + 0.5 < box.y2 * 100;
      return inside ? 255 : 0;
    });
    // The region is given for a picture of twice the size: the decoded copy may be a smaller one.
    const view = { region: { x1: 40, y1: -40, x2: 360, y2: 220 }, flipHorizontal: true, flipVertical: false };
    const out = new Float32Array(160 * 130 * 3);
    warp(image, { width: 400, height: 200 }, view, { width: 160, height: 130 }, RAW, out);
    const bright: [number, number][] = [];
    for (let i = 0; i < 160 * 130; i++) if (out[i * 3] > 127) bright.push([i % 160, Math.floor(i / 160)]);
    const xs = bright.map(([x]) => x);
    const ys = bright.map(([, y]) => y);
    // Into the crop: (0.3 - 0.1) / 0.8 = 0.25 and 0.625; mirrored 0.375 to 0.75; rows (0.4 + 0.2) / 1.3 and (0.7 + 0.2) / 1.3.
    expect([Math.min(...xs), Math.max(...xs) + 1]).toEqual([60, 120]);
    expect([Math.min(...ys), Math.max(...ys) + 1]).toEqual([60, 90]);
  });
});
