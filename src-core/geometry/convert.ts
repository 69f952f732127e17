/** Between the two forms of a box, between spaces, and back inside the picture. */
import type { CenterBox, CornerBox, ImagePx, Unit } from './box';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function toCenter<Space>(box: CornerBox<Space>): CenterBox<Space> {
  return { cx: (box.x1 + box.x2) / 2, cy: (box.y1 + box.y2) / 2, w: box.x2 - box.x1, h: box.y2 - box.y1 };
}

export function toCorner<Space>(box: CenterBox<Space>): CornerBox<Space> {
  return { x1: box.cx - box.w / 2, y1: box.cy - box.h / 2, x2: box.cx + box.w / 2, y2: box.cy + box.h / 2 };
}

export function toUnit(box: CornerBox<ImagePx>, picture: Size): CornerBox<Unit> {
  return {
    x1: box.x1 / picture.width,
    y1: box.y1 / picture.height,
    x2: box.x2 / picture.width,
    y2: box.y2 / picture.height,
  };
}

export function toImagePx(box: CornerBox<Unit>, picture: Size): CornerBox<ImagePx> {
  return {
    x1: box.x1 * picture.width,
    y1: box.y1 * picture.height,
    x2: box.x2 * picture.width,
    y2: box.y2 * picture.height,
  };
}

/** The part of the box inside [0, width] x [0, height]; may have no area (see `isDegenerate`). */
export function clip<Space>(box: CornerBox<Space>, bounds: Size): CornerBox<Space> {
  return {
    x1: clamp(box.x1, 0, bounds.width),
    y1: clamp(box.y1, 0, bounds.height),
    x2: clamp(box.x2, 0, bounds.width),
    y2: clamp(box.y2, 0, bounds.height),
  };
}

/** No width, no height, inverted, or not a number: such a box is never trained on (SPEC.md 0). */
export function isDegenerate<Space>(box: CornerBox<Space>): boolean {
  return !(box.x2 > box.x1 && box.y2 > box.y1);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
