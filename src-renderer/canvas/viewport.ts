/** Which part of a picture the canvas shows, and how large. Pure; positions of a point are CSS pixels from the canvas' top left. */
import type { CornerBox, ImagePx, ScreenPx } from '@core/geometry/box';

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** screen = offset + scale * image. */
export interface Viewport {
  /** CSS pixels per image pixel. */
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

export const MAX_SCALE = 40;
const FIT_MARGIN = 24;

/** The whole picture, centred; small pictures are enlarged at most eight times. */
export function fit(image: Size, canvas: Size, margin = FIT_MARGIN): Viewport {
  const available = {
    width: Math.max(1, canvas.width - 2 * margin),
    height: Math.max(1, canvas.height - 2 * margin),
  };
  const scale = Math.min(available.width / image.width, available.height / image.height, 8);
  return centred(image, canvas, scale);
}

/** A box in the middle with as much around it as makes it a quarter of the canvas at most; never smaller than `fit`. */
export function around(box: CornerBox<ImagePx>, image: Size, canvas: Size): Viewport {
  const [width, height] = [Math.max(1, box.x2 - box.x1), Math.max(1, box.y2 - box.y1)];
  const whole = fit(image, canvas).scale;
  const scale = Math.max(whole, Math.min(canvas.width / (4 * width), canvas.height / (4 * height), 8));
  const view = {
    scale,
    offsetX: canvas.width / 2 - (scale * (box.x1 + box.x2)) / 2,
    offsetY: canvas.height / 2 - (scale * (box.y1 + box.y2)) / 2,
  };
  return clampView(view, image, canvas);
}

function centred(image: Size, canvas: Size, scale: number): Viewport {
  return {
    scale,
    offsetX: (canvas.width - image.width * scale) / 2,
    offsetY: (canvas.height - image.height * scale) / 2,
  };
}

export const toScreen = (view: Viewport, point: Point): Point => ({
  x: view.offsetX + view.scale * point.x,
  y: view.offsetY + view.scale * point.y,
});

export const toImage = (view: Viewport, point: Point): Point => ({
  x: (point.x - view.offsetX) / view.scale,
  y: (point.y - view.offsetY) / view.scale,
});

export function boxToScreen(view: Viewport, box: CornerBox<ImagePx>): CornerBox<ScreenPx> {
  const a = toScreen(view, { x: box.x1, y: box.y1 });
  const b = toScreen(view, { x: box.x2, y: box.y2 });
  return { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
}

/** Keeps the scale in its range and a part of the picture on the canvas. */
export function clampView(view: Viewport, image: Size, canvas: Size): Viewport {
  const smallest = Math.min(fit(image, canvas).scale, 1) / 4;
  const scale = Math.min(MAX_SCALE, Math.max(smallest, view.scale));
  const keep = 48;
  const limit = (offset: number, size: number, extent: number) =>
    Math.min(extent - keep, Math.max(keep - size * scale, offset));
  return {
    scale,
    offsetX: limit(view.offsetX, image.width, canvas.width),
    offsetY: limit(view.offsetY, image.height, canvas.height),
  };
}

/** Zooms by a factor so that the point under the pointer stays where it is. */
export function zoomAt(view: Viewport, pointer: Point, factor: number, image: Size, canvas: Size): Viewport {
  const smallest = Math.min(fit(image, canvas).scale, 1) / 4;
  const scale = Math.min(MAX_SCALE, Math.max(smallest, view.scale * factor));
  const anchor = toImage(view, pointer);
  return clampView(
    { scale, offsetX: pointer.x - anchor.x * scale, offsetY: pointer.y - anchor.y * scale },
    image,
    canvas,
  );
}

export const panBy = (view: Viewport, dx: number, dy: number, image: Size, canvas: Size): Viewport =>
  clampView({ ...view, offsetX: view.offsetX + dx, offsetY: view.offsetY + dy }, image, canvas);

/** The same middle and zoom relative to `fit`, for a picture or a canvas of another size. */
export function keepZoom(view: Viewport, from: [image: Size, canvas: Size], to: [image: Size, canvas: Size]): Viewport {
  const ratio = view.scale / fit(...from).scale;
  const centre = toImage(view, { x: from[1].width / 2, y: from[1].height / 2 });
  const scale = fit(...to).scale * ratio;
  return clampView(
    {
      scale,
      offsetX: to[1].width / 2 - (centre.x / from[0].width) * to[0].width * scale,
      offsetY: to[1].height / 2 - (centre.y / from[0].height) * to[0].height * scale,
    },
    ...to,
  );
}
