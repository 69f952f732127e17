/** What is under a point of the picture. Tolerances are in image pixels. */
import type { LabelledObject } from '../dataset/model';
import type { CornerBox, ImagePx } from '../geometry/box';
import { HANDLES, type Handle, type Point, handlePoint } from './shape';

const area = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>) => (x2 - x1) * (y2 - y1);

/** Ids of the objects whose box, widened by the tolerance, holds the point; the smallest first, since it is the hardest to reach. */
export function objectsAt(objects: readonly LabelledObject[], { x, y }: Point, tolerance: number): readonly string[] {
  return objects
    .filter(
      ({ box }) =>
        x >= box.x1 - tolerance && x <= box.x2 + tolerance && y >= box.y1 - tolerance && y <= box.y2 + tolerance,
    )
    .sort((a, b) => area(a.box) - area(b.box))
    .map((object) => object.id);
}

/**
 * The handle within reach, a corner before an edge. An edge can be taken anywhere along its length unless the box is so small
 * that nothing of it would be left to take hold of.
 */
export function handleAt(box: CornerBox<ImagePx>, point: Point, tolerance: number): Handle | null {
  const near = (handle: Handle) => {
    const at = handlePoint(box, handle);
    return Math.abs(at.x - point.x) <= tolerance && Math.abs(at.y - point.y) <= tolerance;
  };
  const corner = HANDLES.find((handle) => handle.length === 2 && near(handle));
  if (corner) return corner;
  if (Math.min(box.x2 - box.x1, box.y2 - box.y1) < 3 * tolerance) return null;
  const reach = tolerance / 2;
  const alongX = point.x > box.x1 && point.x < box.x2;
  const alongY = point.y > box.y1 && point.y < box.y2;
  if (alongX && Math.abs(point.y - box.y1) <= reach) return 'n';
  if (alongX && Math.abs(point.y - box.y2) <= reach) return 's';
  if (alongY && Math.abs(point.x - box.x1) <= reach) return 'w';
  if (alongY && Math.abs(point.x - box.x2) <= reach) return 'e';
  return null;
}
