/** Rows of the network's input, sampled along slanted lines of the picture. */
import { inputToSource, type View } from '@core/augment/view';
import { inTurn, scaling, type Affine } from '@core/geometry/affine';
import type { Size } from '@core/geometry/convert';
import type { RgbImage } from './decode';
import { NOTHING, type Rows, type Span } from './rows-straight';
import { shrink } from './shrink';

export function slantedRows(image: RgbImage, picture: Size, view: View, input: Size): Rows {
  const fromInput = inputToSource(view, input);
  const toPixels = ({ width, height }: RgbImage) =>
    inTurn(fromInput, scaling(width / picture.width, height / picture.height));
  const { xx, xy, yx, yy } = toPixels(image);
  const source = shrink(image, Math.hypot(xx, xy), Math.hypot(yx, yy));
  const map = toPixels(source);
  return (y, line) => {
    const start: Start = {
      x: 0.5 * map.xx + (y + 0.5) * map.xy + map.dx,
      y: 0.5 * map.yx + (y + 0.5) * map.yy + map.dy,
    };
    const span = inside(map, start, source, input.width);
    if (span.to > span.from) sampleLine(source, map, start, span, line);
    return span;
  };
}

/** Where the centre of a row's first input pixel lies in the source. */
interface Start {
  readonly x: number;
  readonly y: number;
}

function inside({ xx, yx }: Affine, { x, y }: Start, source: Size, count: number): Span {
  const [fromX, toX] = reach(x, xx, source.width, count);
  const [fromY, toY] = reach(y, yx, source.height, count);
  const span = { from: Math.max(fromX, fromY), to: Math.min(toX, toY) };
  return span.to > span.from ? span : NOTHING;
}

/** Which i of 0 to count - 1 have start + i * step in [0, size]: the first, and one past the last. */
function reach(start: number, step: number, size: number, count: number): readonly [number, number] {
  if (step === 0) return start >= 0 && start <= size ? [0, count] : [0, 0];
  const [one, other] = [-start / step, (size - start) / step];
  return [Math.max(0, Math.ceil(Math.min(one, other))), Math.min(count, Math.floor(Math.max(one, other)) + 1)];
}

function sampleLine(
  { data, width, height }: RgbImage,
  { xx, yx }: Affine,
  start: Start,
  { from, to }: Span,
  line: Float32Array,
): void {
  for (let column = from, i = 0; column < to; column++, i += 3) {
    const x = clampTo(start.x + column * xx - 0.5, width - 1);
    const y = clampTo(start.y + column * yx - 0.5, height - 1);
    const left = x | 0;
    const top = y | 0;
    const toRight = x - left;
    const down = y - top;
    const toLeft = 1 - toRight;
    const up = 1 - down;
    const right = left + 1 < width ? 3 : 0;
    const below = top + 1 < height ? width * 3 : 0;
    const a = (top * width + left) * 3;
    const b = a + right;
    const c = a + below;
    const d = c + right;
    line[i] = (data[a] * toLeft + data[b] * toRight) * up + (data[c] * toLeft + data[d] * toRight) * down;
    line[i + 1] =
      (data[a + 1] * toLeft + data[b + 1] * toRight) * up + (data[c + 1] * toLeft + data[d + 1] * toRight) * down;
    line[i + 2] =
      (data[a + 2] * toLeft + data[b + 2] * toRight) * up + (data[c + 2] * toLeft + data[d + 2] * toRight) * down;
  }
}

const clampTo = (value: number, high: number): number => (value < 0 ? 0 : value > high ? high : value);
