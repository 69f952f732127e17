/**
 * Maps of the plane that keep lines straight and parallel: x' = xx*x + xy*y + dx, y' = yx*x + yy*y + dy. Coordinates are pixel
 * edges, so a map needs no half-pixel corrections. Chained maps are composed first and boxes mapped once (SPEC.md 6.3).
 */
import type { CornerBox } from './box';

export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly dx: number;
  readonly yx: number;
  readonly yy: number;
  readonly dy: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const IDENTITY: Affine = { xx: 1, xy: 0, dx: 0, yx: 0, yy: 1, dy: 0 };

/** x' = x + factor * y. */
export const shearX = (factor: number): Affine => ({ ...IDENTITY, xy: factor });
/** y' = y + factor * x. */
export const shearY = (factor: number): Affine => ({ ...IDENTITY, yx: factor });

/** About the origin; clockwise on the screen, where y grows downwards. */
export function rotation(degrees: number): Affine {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { xx: cos, xy: -sin, dx: 0, yx: sin, yy: cos, dy: 0 };
}

export const translation = (dx: number, dy: number): Affine => ({ ...IDENTITY, dx, dy });

/** Along the axes, about the origin. A negative factor mirrors. */
export const scaling = (x: number, y: number): Affine => ({ ...IDENTITY, xx: x, yy: y });

/** The maps one after the other, the first of the list first. */
export const inTurn = (...maps: readonly Affine[]): Affine => maps.reduce(after, IDENTITY);

function after(first: Affine, then: Affine): Affine {
  return {
    xx: then.xx * first.xx + then.xy * first.yx,
    xy: then.xx * first.xy + then.xy * first.yy,
    dx: then.xx * first.dx + then.xy * first.dy + then.dx,
    yx: then.yx * first.xx + then.yy * first.yx,
    yy: then.yx * first.xy + then.yy * first.yy,
    dy: then.yx * first.dx + then.yy * first.dy + then.dy,
  };
}

/** @throws RangeError for a map that squeezes the plane to a line */
export function inverse({ xx, xy, dx, yx, yy, dy }: Affine): Affine {
  const determinant = xx * yy - xy * yx;
  if (!Number.isFinite(1 / determinant)) throw new RangeError('this map cannot be undone');
  const [ixx, ixy, iyx, iyy] = [yy, -xy, -yx, xx].map((value) => value / determinant);
  return { xx: ixx, xy: ixy, dx: -(ixx * dx + ixy * dy), yx: iyx, yy: iyy, dy: -(iyx * dx + iyy * dy) };
}

export const mapPoint = ({ xx, xy, dx, yx, yy, dy }: Affine, { x, y }: Point): Point => ({
  x: xx * x + xy * y + dx,
  y: yx * x + yy * y + dy,
});

/** Clockwise from the top left. */
export const cornersOf = <Space>({ x1, y1, x2, y2 }: CornerBox<Space>): readonly [Point, Point, Point, Point] => [
  { x: x1, y: y1 },
  { x: x2, y: y1 },
  { x: x2, y: y2 },
  { x: x1, y: y2 },
];

/**
 * The smallest upright box around the mapped box: the bounds of all four corners, in closed form by the signs (SPEC.md 6.3; two
 * opposite corners alone are wrong for a negative shear).
 */
export function boxAround<From, To>(map: Affine, { x1, y1, x2, y2 }: CornerBox<From>): CornerBox<To> {
  const least = (factor: number, low: number, high: number) => factor * (factor >= 0 ? low : high);
  return {
    x1: least(map.xx, x1, x2) + least(map.xy, y1, y2) + map.dx,
    y1: least(map.yx, x1, x2) + least(map.yy, y1, y2) + map.dy,
    x2: least(map.xx, x2, x1) + least(map.xy, y2, y1) + map.dx,
    y2: least(map.yx, x2, x1) + least(map.yy, y2, y1) + map.dy,
  };
}

/**
 * The smallest upright box around the mapped ellipse that touches the box's four sides: tighter, and right for round objects
 * (SPEC.md 6.3: for a shear the half-width is sqrt((w/2)^2 + (factor*h/2)^2) about the mapped centre).
 */
export function boxAroundEllipse<From, To>(map: Affine, { x1, y1, x2, y2 }: CornerBox<From>): CornerBox<To> {
  const center = mapPoint(map, { x: (x1 + x2) / 2, y: (y1 + y2) / 2 });
  const [halfWidth, halfHeight] = [(x2 - x1) / 2, (y2 - y1) / 2];
  const width = Math.hypot(map.xx * halfWidth, map.xy * halfHeight);
  const height = Math.hypot(map.yx * halfWidth, map.yy * halfHeight);
  return { x1: center.x - width, y1: center.y - height, x2: center.x + width, y2: center.y + height };
}
