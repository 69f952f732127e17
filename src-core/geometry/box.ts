/**
 * Boxes and the coordinate spaces they live in.
 *
 * A space is a phantom type: a box in image pixels cannot be passed where a box in unit coordinates is meant.
 * Coordinates are pixel edges (the centre of the first pixel is at .5), so width = x2 - x1.
 */

/** Pixels of the picture as stored, after its EXIF orientation: x in [0, width], y in [0, height]. */
export type ImagePx = 'ImagePx';
/** Fractions of the picture (or of the network input, which is the same after a warping resize): [0, 1]. */
export type Unit = 'Unit';
/** CSS pixels of the canvas. */
export type ScreenPx = 'ScreenPx';

declare const space: unique symbol;

/** Left, top, right, bottom. */
export interface CornerBox<Space> {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly [space]?: Space;
}

/** Centre and size, the form that offsets are encoded in. */
export interface CenterBox<Space> {
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
  readonly [space]?: Space;
}
