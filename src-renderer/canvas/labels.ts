/** Where the name tags of boxes go so that they hide neither small objects nor one another. Pure, in screen pixels. */
import type { CornerBox, ScreenPx } from '@core/geometry/box';

type Box = CornerBox<ScreenPx>;

export interface TagRequest {
  readonly box: Box;
  /** Size of the tag. */
  readonly width: number;
  readonly height: number;
}

/** An object with a shorter side below this is small: no tag may cover it, its own neither. */
const SMALL = 56;

const overlaps = (a: Box, b: Box) => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
const isSmall = (box: Box) => Math.min(box.x2 - box.x1, box.y2 - box.y1) < SMALL;

/** Above, below, then inside at the top left. */
function candidates({ box, width, height }: TagRequest): Box[] {
  const at = (x1: number, y1: number): Box => ({ x1, y1, x2: x1 + width, y2: y1 + height });
  const outside = [at(box.x1, box.y1 - height - 1), at(box.x1, box.y2 + 1), at(box.x2 - width, box.y1 - height - 1)];
  const roomy = box.x2 - box.x1 > width + 8 && box.y2 - box.y1 > 3 * height;
  return roomy ? [...outside, at(box.x1 + 1, box.y1 + 1)] : outside;
}

/**
 * Places tags in the order given, so the most important come first. `bounds` is the canvas. Null: no free place, leave it out.
 */
export function placeTags(requests: readonly TagRequest[], bounds: Box): (Box | null)[] {
  const small = requests.map((request) => request.box).filter(isSmall);
  const taken: Box[] = [];
  return requests.map((request) => {
    const place = candidates(request).find(
      (tag) =>
        tag.x1 >= bounds.x1 - 1 &&
        tag.y1 >= bounds.y1 &&
        tag.x2 <= bounds.x2 &&
        tag.y2 <= bounds.y2 &&
        !small.some((box) => overlaps(tag, box)) &&
        !taken.some((other) => overlaps(tag, other)),
    );
    if (place) taken.push(place);
    return place ?? null;
  });
}
