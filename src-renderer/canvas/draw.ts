/** Drawing over a picture. All functions draw in CSS pixels on a context that PictureCanvas has already scaled. */
import type { CornerBox, ImagePx, ScreenPx } from '@core/geometry/box';
import { type TagRequest, placeTags } from './labels';
import { type Size, type Viewport, boxToScreen } from './viewport';

/** Draws one layer; `size` is the canvas in CSS pixels. Called only when something changed. */
export type Layer = (context: CanvasRenderingContext2D, view: Viewport, size: Size) => void;

export interface DrawnBox {
  readonly box: CornerBox<ImagePx>;
  /** #rrggbb */
  readonly colour: string;
  /** Text colour of the tag; needed with a label. */
  readonly on?: string;
  /** Class name or digit, score. */
  readonly label?: string;
  readonly dashed?: boolean;
  /** Thicker, and its tag is placed first. */
  readonly emphasis?: boolean;
  /** Drawn faintly, without a tag: what is not meant right now. */
  readonly faint?: boolean;
  /** Opacity of the fill, 0 to 1; 0 when absent. */
  readonly fill?: number;
}

const FONT = '500 11px system-ui, "Noto Sans", "Liberation Sans", sans-serif';
const TAG_HEIGHT = 16;
const HALO = 'rgba(0, 0, 0, 0.65)';

/** A 1.5-px line between two dark hairlines, so that it reads on any ground. */
export function strokeBox(
  context: CanvasRenderingContext2D,
  { x1, y1, x2, y2 }: CornerBox<ScreenPx>,
  colour: string,
  { width = 1.5, dashed = false }: { readonly width?: number; readonly dashed?: boolean } = {},
) {
  context.lineJoin = 'round';
  context.strokeStyle = HALO;
  context.lineWidth = width + 2;
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  if (dashed) context.setLineDash([5, 4]);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  context.setLineDash([]);
}

/** Boxes with tags. Those that are emphasised are drawn last and get their tags first. */
export function boxesLayer(boxes: readonly DrawnBox[], { labels = true } = {}): Layer {
  return (context, view, size) => {
    const visible = boxes
      .map((drawn) => ({ ...drawn, screen: boxToScreen(view, drawn.box) }))
      .filter(({ screen: s }) => s.x2 >= 0 && s.y2 >= 0 && s.x1 <= size.width && s.y1 <= size.height)
      .sort((a, b) => Number(a.emphasis ?? false) - Number(b.emphasis ?? false));
    for (const { screen, colour, dashed, emphasis, faint, fill } of visible) {
      context.globalAlpha = fill ?? 0;
      context.fillStyle = colour;
      if (fill) context.fillRect(screen.x1, screen.y1, screen.x2 - screen.x1, screen.y2 - screen.y1);
      context.globalAlpha = faint ? 0.45 : 1;
      strokeBox(context, screen, colour, { width: emphasis ? 2.5 : 1.5, dashed });
    }
    context.globalAlpha = 1;
    if (labels) drawTags(context, visible, size);
  };
}

/** The tags of boxes without the boxes, the first placed first. */
export function tagsLayer(boxes: readonly DrawnBox[]): Layer {
  return (context, view, size) => {
    const placed = boxes.map((drawn) => ({ ...drawn, screen: boxToScreen(view, drawn.box) })).reverse();
    drawTags(context, placed, size);
  };
}

function drawTags(
  context: CanvasRenderingContext2D,
  boxes: readonly (DrawnBox & { readonly screen: CornerBox<ScreenPx> })[],
  size: Size,
) {
  context.font = FONT;
  context.textBaseline = 'middle';
  const tagged = boxes.filter((b) => b.label && !b.faint).reverse();
  const requests = tagged.map(({ screen, label = '' }): TagRequest => ({
    box: screen,
    width: Math.ceil(context.measureText(label).width) + 8,
    height: TAG_HEIGHT,
  }));
  const places = placeTags(requests, { x1: 0, y1: 0, x2: size.width, y2: size.height });
  tagged.forEach(({ colour, on = '#0b0b0d', label = '' }, index) => {
    const place = places[index];
    if (!place) return;
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(place.x1, place.y1, place.x2 - place.x1, place.y2 - place.y1, 3);
    context.fill();
    context.fillStyle = on;
    context.fillText(label, place.x1 + 4, place.y1 + TAG_HEIGHT / 2 + 0.5);
  });
}

/** The eight squares that resize a box. */
export function handlesLayer(box: CornerBox<ImagePx>, colour: string): Layer {
  return (context, view) => {
    const { x1, y1, x2, y2 } = boxToScreen(view, box);
    const small = Math.min(x2 - x1, y2 - y1) < 24;
    for (const [fx, fy] of HANDLE_PLACES) {
      if (small && (fx === 0.5 || fy === 0.5)) continue;
      const x = x1 + fx * (x2 - x1);
      const y = y1 + fy * (y2 - y1);
      context.fillStyle = '#ffffff';
      context.strokeStyle = HALO;
      context.lineWidth = 3;
      context.strokeRect(x - 3.5, y - 3.5, 7, 7);
      context.fillRect(x - 3.5, y - 3.5, 7, 7);
      context.strokeStyle = colour;
      context.lineWidth = 1.5;
      context.strokeRect(x - 3.5, y - 3.5, 7, 7);
    }
  };
}

const HANDLE_PLACES: readonly (readonly [number, number])[] = [
  [0, 0],
  [0.5, 0],
  [1, 0],
  [1, 0.5],
  [1, 1],
  [0.5, 1],
  [0, 1],
  [0, 0.5],
];

/** Two hairlines through the pointer, over the whole canvas. */
export function crosshairLayer(point: { readonly x: number; readonly y: number }): Layer {
  return (context, view, size) => {
    const x = Math.round(view.offsetX + view.scale * point.x) + 0.5;
    const y = Math.round(view.offsetY + view.scale * point.y) + 0.5;
    const lines = new Path2D();
    lines.moveTo(x, 0);
    lines.lineTo(x, size.height);
    lines.moveTo(0, y);
    lines.lineTo(size.width, y);
    context.strokeStyle = 'rgba(0, 0, 0, 0.4)';
    context.lineWidth = 3;
    context.stroke(lines);
    context.strokeStyle = 'rgba(255, 255, 255, 0.75)';
    context.lineWidth = 1;
    context.stroke(lines);
  };
}
