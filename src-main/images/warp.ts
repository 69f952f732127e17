/**
 * From decoded pixels to a network's input: one region of the picture, resized to the input (warping, SPEC.md 6.1), flipped,
 * distorted and normalised, written straight into the batch. Prediction uses the same function with the whole picture, so
 * training and prediction see pixels made the same way.
 */
import type { View } from '@core/augment/plan';
import type { CornerBox, Unit } from '@core/geometry/box';
import { toUnit, type Size } from '@core/geometry/convert';
import type { Preprocessing } from '@core/network/description';
import type { RgbImage } from './decode';

/** Changes `count` RGB pixels, values 0 to 255, in place from index 0 on. */
export type PixelOperation = (rgb: Float32Array, count: number) => void;

/** Columns or rows of the input: which two source samples each is mixed from. Positions outside the picture are left out. */
interface Axis {
  /** First and one past the last input position that lies on the picture. */
  readonly from: number;
  readonly to: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly fraction: Float32Array;
}

/**
 * Writes input pixels [height, width, 3] to `out` at `offset`, in the network's channel order, as (x - mean) / std.
 * Bilinear, sampled at pixel centres; when the picture is more than twice as fine as the input, blocks of pixels are averaged
 * first (area), so nothing aliases. Beyond the picture the value is 0: the mean colour after normalisation.
 * @param picture the size that the view's region refers to; `image` may be a smaller copy of it
 * @param distort applied after the resize although Caffe distorts before: every distortion works on single pixels and nearly
 *   linearly, so the order hardly matters, and the input has far fewer pixels; the fill is never distorted, as in Caffe
 */
export function warp(
  image: RgbImage,
  picture: Size,
  view: View,
  input: Size,
  preprocessing: Preprocessing,
  out: Float32Array,
  offset = 0,
  distort?: PixelOperation,
): void {
  const crop = toUnit(view.region, picture);
  const source = shrinkFor(image, crop, input);
  const columns = axis(source.width, crop.x1, crop.x2, input.width, view.flipHorizontal);
  const rows = axis(source.height, crop.y1, crop.y2, input.height, view.flipVertical);
  out.fill(0, offset, offset + input.width * input.height * 3);
  const width = columns.to - columns.from;
  if (width <= 0) return;
  const line = new Float32Array(width * 3);
  const [r, b] = preprocessing.channelOrder === 'rgb' ? [0, 2] : [2, 0];
  const scale = preprocessing.std.map((std) => 1 / std);
  const shift = preprocessing.mean.map((mean, c) => -mean / preprocessing.std[c]);
  for (let y = rows.from; y < rows.to; y++) {
    sampleRow(source.data, source.width, rows.low[y], rows.high[y], rows.fraction[y], columns, line);
    distort?.(line, width);
    let to = offset + (y * input.width + columns.from) * 3;
    for (let i = 0; i < line.length; i += 3, to += 3) {
      out[to + r] = line[i] * scale[r] + shift[r];
      out[to + 1] = line[i + 1] * scale[1] + shift[1];
      out[to + b] = line[i + 2] * scale[b] + shift[b];
    }
  }
}

/** One input row of RGB values, mixed from two source rows. */
function sampleRow(
  data: Uint8Array,
  sourceWidth: number,
  upperRow: number,
  lowerRow: number,
  down: number,
  columns: Axis,
  line: Float32Array,
): void {
  const upper = upperRow * sourceWidth * 3;
  const lower = lowerRow * sourceWidth * 3;
  const up = 1 - down;
  for (let x = columns.from, i = 0; x < columns.to; x++, i += 3) {
    const left = columns.low[x] * 3;
    const right = columns.high[x] * 3;
    const toRight = columns.fraction[x];
    const toLeft = 1 - toRight;
    const a = upper + left;
    const b = upper + right;
    const c = lower + left;
    const d = lower + right;
    line[i] = (data[a] * toLeft + data[b] * toRight) * up + (data[c] * toLeft + data[d] * toRight) * down;
    line[i + 1] =
      (data[a + 1] * toLeft + data[b + 1] * toRight) * up + (data[c + 1] * toLeft + data[d + 1] * toRight) * down;
    line[i + 2] =
      (data[a + 2] * toLeft + data[b + 2] * toRight) * up + (data[c + 2] * toLeft + data[d + 2] * toRight) * down;
  }
}

function axis(size: number, start: number, end: number, count: number, flip: boolean): Axis {
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const fraction = new Float32Array(count);
  let from = count;
  let to = 0;
  const step = ((end - start) * size) / count;
  for (let i = 0; i < count; i++) {
    // Edges of the picture are at 0 and size, the centre of its first pixel at .5.
    const position = start * size + ((flip ? count - 1 - i : i) + 0.5) * step;
    if (position < 0 || position > size) continue;
    from = Math.min(from, i);
    to = i + 1;
    const center = Math.min(Math.max(position - 0.5, 0), size - 1);
    low[i] = Math.floor(center);
    high[i] = Math.min(low[i] + 1, size - 1);
    fraction[i] = center - low[i];
  }
  return { from, to, low, high, fraction };
}

/** Averages blocks so that at most about two source pixels remain for each input pixel along each side. */
function shrinkFor(image: RgbImage, crop: CornerBox<Unit>, input: Size): RgbImage {
  const x = ((crop.x2 - crop.x1) * image.width) / input.width;
  const y = ((crop.y2 - crop.y1) * image.height) / input.height;
  // Up to 2 the bilinear samples already read every source pixel.
  const factor = (ratio: number) => (ratio > 2 + 1e-6 ? Math.floor(ratio) : 1);
  return factor(x) === 1 && factor(y) === 1 ? image : averageBlocks(image, factor(x), factor(y));
}

/** Each pixel becomes the mean of a block of about kx * ky pixels; blocks differ by one pixel where the size does not divide. */
export function averageBlocks(image: RgbImage, kx: number, ky: number): RgbImage {
  const width = Math.max(1, Math.round(image.width / kx));
  const height = Math.max(1, Math.round(image.height / ky));
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
