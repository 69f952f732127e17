/** Rows of the network's input, sampled from an upright region of the picture: which columns and rows are mixed is known beforehand. */
import type { View } from '@core/augment/view';
import { toUnit, type Size } from '@core/geometry/convert';
import type { RgbImage } from './decode';
import { shrink } from './shrink';

/** Input columns that lie on the picture: the first and one past the last. None when to <= from. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Writes the RGB values of input row y to the start of `line`, those of its span alone. */
export type Rows = (y: number, line: Float32Array) => Span;

/** Columns or rows of the input: which two source samples each is mixed from. Positions outside the picture are left out. */
interface Axis extends Span {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly fraction: Float32Array;
}

export const NOTHING: Span = { from: 0, to: 0 };

export function straightRows(image: RgbImage, picture: Size, view: View, input: Size): Rows {
  const crop = toUnit(view.region, picture);
  const x = ((crop.x2 - crop.x1) * image.width) / input.width;
  const y = ((crop.y2 - crop.y1) * image.height) / input.height;
  const source = shrink(image, x, y);
  const columns = axis(source.width, crop.x1, crop.x2, input.width, view.flipHorizontal);
  const rows = axis(source.height, crop.y1, crop.y2, input.height, view.flipVertical);
  return (row, line) => {
    if (row < rows.from || row >= rows.to) return NOTHING;
    sampleRow(source.data, source.width, rows.low[row], rows.high[row], rows.fraction[row], columns, line);
    return columns;
  };
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
