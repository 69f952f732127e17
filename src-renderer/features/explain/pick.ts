/** Choosing a box of a picture by pointer or by key. */
import type { CornerBox, ImagePx } from '@core/geometry/box';

interface Pickable {
  readonly id: string;
  readonly box: CornerBox<ImagePx>;
}

/** The smallest box under a point in image pixels, the last of equals; null where there is none. */
export function boxAt<T extends Pickable>(
  boxes: readonly T[],
  { x, y }: { readonly x: number; readonly y: number },
): T | null {
  let found: T | null = null;
  let smallest = Infinity;
  for (const each of boxes) {
    const { x1, y1, x2, y2 } = each.box;
    const area = (x2 - x1) * (y2 - y1);
    if (x < x1 || x > x2 || y < y1 || y > y2 || area > smallest) continue;
    found = each;
    smallest = area;
  }
  return found;
}

/** The one so many places after the selected one, around the end; from nothing selected the first or the last. */
export function neighbour<T extends Pickable>(boxes: readonly T[], selected: string | null, by: 1 | -1): T | null {
  if (boxes.length === 0) return null;
  const at = boxes.findIndex(({ id }) => id === selected);
  if (at < 0) return by > 0 ? boxes[0] : boxes[boxes.length - 1];
  return boxes[(at + by + boxes.length) % boxes.length];
}
