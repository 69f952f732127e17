/** Pictures with boxes burnt in, for people who look at files rather than at the window. */
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { decodeRgb, type ImageSource, type RgbImage } from './decode';
import { loadSharp, type SharpModule } from './sharp';

export interface DrawnBox {
  readonly box: CornerBox<ImagePx>;
  readonly label: string;
  /** #rrggbb. */
  readonly color: string;
  readonly dashed?: boolean;
}

type Overlay = NonNullable<Parameters<ReturnType<SharpModule>['composite']>[0]>[number];

/**
 * JPEG bytes of the picture with the boxes on it. Lines are painted here and labels by sharp's text: SVG is closed to sharp
 * (images/sharp.ts). Throws ImageError when the picture cannot be decoded.
 */
export async function drawBoxes(source: ImageSource, boxes: readonly DrawnBox[]): Promise<Uint8Array> {
  return drawBoxesOn(await decodeRgb(source), boxes);
}

/** The same for decoded pixels, which are painted on. */
export async function drawBoxesOn(image: RgbImage, boxes: readonly DrawnBox[]): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const side = Math.max(image.width, image.height);
  const line = Math.max(1, Math.round(side / 400));
  for (const { box, color, dashed } of boxes) {
    if (dashed) {
      dashes(image, box, line, channels(color));
      continue;
    }
    frame(image, box, line + 1, [0, 0, 0]);
    frame(image, box, line, channels(color));
  }
  const labels: Overlay[] = [];
  for (const box of boxes) {
    const label = await labelOf(sharp, box, Math.max(9, Math.round(side / 55)), image);
    if (label) labels.push(label);
  }
  const { data, width, height } = image;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .composite(labels)
    .jpeg({ quality: 90 })
    .toBuffer();
}

type Rgb = readonly [number, number, number];

const channels = (color: string): Rgb => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb;

/** Four bars along the edges of the box, `thickness` pixels to each side. */
function frame(image: RgbImage, box: DrawnBox['box'], thickness: number, color: Rgb): void {
  const [x1, y1, x2, y2] = [box.x1, box.y1, box.x2, box.y2].map(Math.round);
  const t = thickness;
  fill(image, x1 - t, y1 - t, x2 + t, y1, color);
  fill(image, x1 - t, y2, x2 + t, y2 + t, color);
  fill(image, x1 - t, y1, x1, y2, color);
  fill(image, x2, y1, x2 + t, y2, color);
}

/** The same bars, light and dark by turns, so that they read on any ground. */
function dashes(image: RgbImage, { x1, y1, x2, y2 }: DrawnBox['box'], thickness: number, color: Rgb): void {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map(Math.round);
  const length = thickness * 4;
  for (let x = left, lit = true; x < right; x += length, lit = !lit) {
    const end = Math.min(x + length, right);
    for (const y of [top - thickness, bottom]) fill(image, x, y, end, y + thickness, lit ? color : [0, 0, 0]);
  }
  for (let y = top, lit = true; y < bottom; y += length, lit = !lit) {
    const end = Math.min(y + length, bottom);
    for (const x of [left - thickness, right]) fill(image, x, y, x + thickness, end, lit ? color : [0, 0, 0]);
  }
}

function fill({ data, width, height }: RgbImage, x1: number, y1: number, x2: number, y2: number, color: Rgb): void {
  for (let y = Math.max(0, y1); y < Math.min(height, y2); y++)
    for (let x = Math.max(0, x1); x < Math.min(width, x2); x++) data.set(color, (y * width + x) * 3);
}

/** Text as it may stand in SVG, HTML and Pango markup, in attributes too. */
export const escapeMarkup = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** The label above its box, or inside where there is no room; null without a label. */
async function labelOf(
  sharp: SharpModule,
  { box, label, color }: DrawnBox,
  height: number,
  image: RgbImage,
): Promise<Overlay | null> {
  if (label === '') return null;
  const text = `<span foreground="${color}" background="#000000"> ${escapeMarkup(label)} </span>`;
  const { data, info } = await sharp({ text: { text, font: 'sans', dpi: height * 6, rgba: true } })
    .png()
    .toBuffer({ resolveWithObject: true });
  const left = Math.max(0, Math.min(image.width - info.width, Math.round(box.x1)));
  const top = Math.max(0, Math.round(box.y1 >= info.height ? box.y1 - info.height : box.y1));
  // sharp refuses a layer that is larger than the picture.
  const fits = info.width <= image.width && top + info.height <= image.height;
  return fits ? { input: data, left, top } : null;
}
