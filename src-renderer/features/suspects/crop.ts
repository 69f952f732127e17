import type { CornerBox, ImagePx } from '@core/geometry/box';
import { clamp, type Size } from '@core/geometry/convert';

/** What surrounds a box on a tile, as parts of its larger side. */
const SURROUNDINGS = 0.75;
/** Less is a blur that nobody recognises. */
const SMALLEST_SIDE = 48;

/**
 * Where a picture lies behind a square window that shows the box and what surrounds it: left, top, width and height of the whole
 * picture in sides of the window. The window stays on the picture where that is large enough.
 */
export function pictureBehind(box: CornerBox<ImagePx>, picture: Size) {
  const around = (1 + 2 * SURROUNDINGS) * Math.max(box.x2 - box.x1, box.y2 - box.y1);
  const side = Math.min(Math.max(around, SMALLEST_SIDE), Math.max(picture.width, picture.height));
  const start = (from: number, to: number, length: number) =>
    length <= side ? (length - side) / 2 : clamp((from + to - side) / 2, 0, length - side);
  return {
    left: -start(box.x1, box.x2, picture.width) / side,
    top: -start(box.y1, box.y2, picture.height) / side,
    width: picture.width / side,
    height: picture.height / side,
  };
}
