/** Which part of a picture shows an object and the default box that comes closest to it. */
import type { CornerBox, ImagePx } from '@core/geometry/box';

/** Sides of the part in longest sides of the object: enough to see where it is, not so much that it gets lost. */
const CLOSEST = 1.6;
const FARTHEST = 4;
const SMALLEST_PIXELS = 40;

/** @param aspect width by height of the part; where the picture is narrower, less */
export function cropAround(
  object: CornerBox<ImagePx>,
  best: CornerBox<ImagePx> | null,
  picture: { readonly width: number; readonly height: number },
  aspect: number,
): CornerBox<ImagePx> {
  const centerX = (object.x1 + object.x2) / 2;
  const centerY = (object.y1 + object.y2) / 2;
  const longest = Math.max(object.x2 - object.x1, (object.y2 - object.y1) * aspect);
  const around = best ?? object;
  const reach = Math.max(
    Math.abs(around.x1 - centerX),
    Math.abs(around.x2 - centerX),
    Math.abs(around.y1 - centerY) * aspect,
    Math.abs(around.y2 - centerY) * aspect,
  );
  const wanted = Math.min(FARTHEST * longest, Math.max(CLOSEST * longest, 2.2 * reach));
  const width = Math.min(picture.width, Math.max(SMALLEST_PIXELS, wanted));
  const height = Math.min(picture.height, Math.max(SMALLEST_PIXELS, wanted) / aspect);
  const x1 = Math.min(picture.width - width, Math.max(0, centerX - width / 2));
  const y1 = Math.min(picture.height - height, Math.max(0, centerY - height / 2));
  return { x1, y1, x2: x1 + width, y2: y1 + height };
}
