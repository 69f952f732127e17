/**
 * Drawing, moving and resizing a box on the grid of pixel edges: what is dragged lands on whole edges, stays inside the
 * picture and is never thinner than one pixel.
 */
import type { CornerBox, ImagePx } from '../geometry/box';

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Compass directions; 'n' is the top edge. */
export const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type Handle = (typeof HANDLES)[number];

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Two ends of one side -> [low, high] inside [0, limit], at least one pixel apart. */
function side(a: number, b: number, limit: number): readonly [number, number] {
  const low = clamp(Math.min(a, b), 0, limit);
  const high = clamp(Math.max(a, b), 0, limit);
  if (high - low >= 1) return [low, high];
  const start = clamp(low, 0, Math.max(0, limit - 1));
  return [start, Math.min(limit, start + 1)];
}

/** The box between two corners in any order, clipped to the picture. */
export function boxBetween(a: Point, b: Point, { width, height }: PictureSize): CornerBox<ImagePx> {
  const [x1, x2] = side(Math.round(a.x), Math.round(b.x), width);
  const [y1, y2] = side(Math.round(a.y), Math.round(b.y), height);
  return { x1, y1, x2, y2 };
}

/** Moved by whole pixels, as far as the picture allows; the size stays. */
export function moveBox(
  { x1, y1, x2, y2 }: CornerBox<ImagePx>,
  dx: number,
  dy: number,
  { width, height }: PictureSize,
): CornerBox<ImagePx> {
  const by = (delta: number, low: number, high: number, limit: number) =>
    clamp(Math.round(delta), Math.min(0, -low), Math.max(0, limit - high));
  const [mx, my] = [by(dx, x1, x2, width), by(dy, y1, y2, height)];
  return { x1: x1 + mx, y1: y1 + my, x2: x2 + mx, y2: y2 + my };
}

/** The edges that the handle holds move by (dx, dy); past the opposite edge the box turns over. */
export function resizeBox(
  { x1, y1, x2, y2 }: CornerBox<ImagePx>,
  handle: Handle,
  dx: number,
  dy: number,
  { width, height }: PictureSize,
): CornerBox<ImagePx> {
  const west = handle.includes('w');
  const east = handle.includes('e');
  const north = handle.includes('n');
  const south = handle.includes('s');
  const [nx1, nx2] =
    west || east ? side(west ? Math.round(x1 + dx) : x1, east ? Math.round(x2 + dx) : x2, width) : [x1, x2];
  const [ny1, ny2] =
    north || south ? side(north ? Math.round(y1 + dy) : y1, south ? Math.round(y2 + dy) : y2, height) : [y1, y2];
  return { x1: nx1, y1: ny1, x2: nx2, y2: ny2 };
}

/** Where a handle stands. */
export const handlePoint = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>, handle: Handle): Point => ({
  x: handle.includes('w') ? x1 : handle.includes('e') ? x2 : (x1 + x2) / 2,
  y: handle.includes('n') ? y1 : handle.includes('s') ? y2 : (y1 + y2) / 2,
});

export const sameBox = (a: CornerBox<ImagePx>, b: CornerBox<ImagePx>): boolean =>
  a.x1 === b.x1 && a.y1 === b.y1 && a.x2 === b.x2 && a.y2 === b.y2;
