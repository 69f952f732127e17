/** Pictures much finer than the network's input are averaged before they are sampled, so that nothing aliases. */
import type { RgbImage } from './decode';

/**
 * Averages blocks so that at most about two source pixels remain for each input pixel along each side.
 * @param x source pixels for each input pixel along the source's rows; y along its columns
 */
export function shrink(image: RgbImage, x: number, y: number): RgbImage {
  // Up to 2 the bilinear samples already read every source pixel.
  const factor = (ratio: number) => (ratio > 2 + 1e-6 ? Math.floor(ratio) : 1);
  return factor(x) === 1 && factor(y) === 1 ? image : averageBlocks(image, factor(x), factor(y));
}

/** Each pixel becomes the mean of a block of about kx * ky pixels; blocks differ by one pixel where the size does not divide. */
export function averageBlocks(image: RgbImage, kx: number, ky: number): RgbImage {
  const width = Math.max(1, Math.round(image.width / kx));
  const height = Math.max(1, Math.round(image.height / ky));
  if (image.width === 2 * width && image.height === 2 * height) return halve(image, width, height);
  const data = new Uint8Array(width * height * 3);
  const edges = Int32Array.from({ length: width + 1 }, (_, i) => Math.floor((i * image.width) / width));
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * image.height) / height);
    const bottom = Math.floor(((y + 1) * image.height) / height);
    for (let x = 0; x < width; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let row = top; row < bottom; row++) {
        const end = (row * image.width + edges[x + 1]) * 3;
        for (let i = (row * image.width + edges[x]) * 3; i < end; i += 3) {
          red += image.data[i];
          green += image.data[i + 1];
          blue += image.data[i + 2];
        }
      }
      const count = (bottom - top) * (edges[x + 1] - edges[x]);
      const to = (y * width + x) * 3;
      data[to] = Math.round(red / count);
      data[to + 1] = Math.round(green / count);
      data[to + 2] = Math.round(blue / count);
    }
  }
  return { data, width, height };
}

/** Blocks of 2 by 2, the usual ones, in whole numbers: the same means, rounded the same way. */
function halve({ data: source, width: sourceWidth }: RgbImage, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const row = sourceWidth * 3;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, i = 2 * y * row; x < width; x++, i += 6, to += 3) {
      const j = i + row;
      data[to] = (source[i] + source[i + 3] + source[j] + source[j + 3] + 2) >> 2;
      data[to + 1] = (source[i + 1] + source[i + 4] + source[j + 1] + source[j + 4] + 2) >> 2;
      data[to + 2] = (source[i + 2] + source[i + 5] + source[j + 2] + source[j + 5] + 2) >> 2;
    }
  }
  return { data, width, height };
}
