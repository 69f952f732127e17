/**
 * From decoded pixels to a network's input: one region of the picture, resized to the input (warping, SPEC.md 6.1), flipped,
 * distorted and normalised, written straight into the batch. Prediction uses the same function with the whole picture, so
 * training and prediction see pixels made the same way.
 */
import type { View } from '@core/augment/view';
import type { Size } from '@core/geometry/convert';
import type { Preprocessing } from '@core/network/description';
import type { RgbImage } from './decode';
import { slantedRows } from './rows-slanted';
import { straightRows } from './rows-straight';

/** Changes `count` RGB pixels, values 0 to 255, in place from index 0 on. */
export type PixelOperation = (rgb: Float32Array, count: number) => void;

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
  const rows = view.slant ? slantedRows(image, picture, view, input) : straightRows(image, picture, view, input);
  out.fill(0, offset, offset + input.width * input.height * 3);
  const line = new Float32Array(input.width * 3);
  const [r, b] = preprocessing.channelOrder === 'rgb' ? [0, 2] : [2, 0];
  const scale = preprocessing.std.map((std) => 1 / std);
  const shift = preprocessing.mean.map((mean, c) => -mean / preprocessing.std[c]);
  for (let y = 0; y < input.height; y++) {
    const { from, to } = rows(y, line);
    if (to <= from) continue;
    distort?.(line, to - from);
    const end = (to - from) * 3;
    for (let i = 0, at = offset + (y * input.width + from) * 3; i < end; i += 3, at += 3) {
      out[at + r] = line[i] * scale[r] + shift[r];
      out[at + 1] = line[i + 1] * scale[1] + shift[1];
      out[at + b] = line[i + 2] * scale[b] + shift[b];
    }
  }
}
