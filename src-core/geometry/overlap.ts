/**
 * Intersection over union, in two conventions that must not be mixed: continuous coordinates everywhere, and the +1 pixel
 * of the PASCAL VOC devkit, whose boxes name the first and the last pixel (SPEC.md 11.1).
 */
import type { CornerBox } from './box';

/** IoU of continuous boxes; 0 where either has no area. */
export function iou<Space>(a: CornerBox<Space>, b: CornerBox<Space>): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (!(width > 0 && height > 0)) return 0;
  const intersection = width * height;
  return intersection / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - intersection);
}

/** IoU of boxes whose corners are inclusive pixel positions: every width and height counts one more, VOC devkit. */
export function inclusivePixelIou<Space>(a: CornerBox<Space>, b: CornerBox<Space>): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) + 1;
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1) + 1;
  if (!(width > 0 && height > 0)) return 0;
  const intersection = width * height;
  const areaA = (a.x2 - a.x1 + 1) * (a.y2 - a.y1 + 1);
  const areaB = (b.x2 - b.x1 + 1) * (b.y2 - b.y1 + 1);
  return intersection / (areaA + areaB - intersection);
}

/**
 * IoU of box i of `a` [n, 4] and box j of `b` [m, 4], both corner form, for loops that must not allocate. Every width and height
 * may count so much more: one pixel, where a reference counts in whole ones.
 */
export function iouAt(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  extraWidth = 0,
  extraHeight = 0,
): number {
  const p = i * 4;
  const q = j * 4;
  const width = Math.min(a[p + 2], b[q + 2]) - Math.max(a[p], b[q]) + extraWidth;
  if (!(width > 0)) return 0;
  const height = Math.min(a[p + 3], b[q + 3]) - Math.max(a[p + 1], b[q + 1]) + extraHeight;
  if (!(height > 0)) return 0;
  const intersection = width * height;
  const areaA = (a[p + 2] - a[p] + extraWidth) * (a[p + 3] - a[p + 1] + extraHeight);
  const areaB = (b[q + 2] - b[q] + extraWidth) * (b[q + 3] - b[q + 1] + extraHeight);
  return intersection / (areaA + areaB - intersection);
}
