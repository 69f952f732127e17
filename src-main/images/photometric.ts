/** Photometric distortion (SPEC.md 6.1): brightness, contrast, saturation, hue, on values 0 to 255 in RGB. */
import type { PixelOperation } from './warp';

/** What was drawn for one picture; null leaves a property as it is. */
export interface PhotometricDraw {
  /** Added to every channel. */
  readonly brightness: number | null;
  /** Factor on every channel. */
  readonly contrast: number | null;
  /** Factor on the saturation of HSV. */
  readonly saturation: number | null;
  /** Degrees on the colour circle. */
  readonly hueDegrees: number | null;
  /** Caffe draws the order: contrast before saturation and hue, or after them. */
  readonly contrastLast: boolean;
}

/** The operation for a draw, or undefined when nothing was drawn. Hue wraps; results saturate at 0 and 255 after each part. */
export function photometricOperation(draw: PhotometricDraw): PixelOperation | undefined {
  const { brightness, contrast, saturation, hueDegrees, contrastLast } = draw;
  if (brightness === null && contrast === null && saturation === null && hueDegrees === null) return undefined;
  const add = brightness ?? 0;
  const before = contrastLast ? 1 : (contrast ?? 1);
  const after = contrastLast ? (contrast ?? 1) : 1;
  const colour = saturation !== null || hueDegrees !== null;
  const factor = saturation ?? 1;
  const turn = ((((hueDegrees ?? 0) / 60) % 6) + 6) % 6;
  return (rgb, count) => {
    const end = count * 3;
    for (let i = 0; i < end; i++) rgb[i] = saturate(saturate(rgb[i] + add) * before);
    if (colour) for (let i = 0; i < end; i += 3) turnAndSaturate(rgb, i, factor, turn);
    if (after !== 1) for (let i = 0; i < end; i++) rgb[i] = saturate(rgb[i] * after);
  };
}

/** HSV without leaving RGB: V = max stays, S = 1 - min/max is scaled (at most 1), H moves by `turn` sixths of the circle. */
function turnAndSaturate(rgb: Float32Array, i: number, factor: number, turn: number): void {
  const r = rgb[i];
  const g = rgb[i + 1];
  const b = rgb[i + 2];
  const max = r > g ? (r > b ? r : b) : g > b ? g : b;
  const min = r < g ? (r < b ? r : b) : g < b ? g : b;
  const chroma = max - min;
  if (chroma === 0) return;
  let hue = max === r ? (g - b) / chroma : max === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  hue += turn;
  if (hue < 0) hue += 6;
  else if (hue >= 6) hue -= 6;
  const newChroma = Math.min(chroma * factor, max);
  const low = max - newChroma;
  const sector = Math.floor(hue);
  const rest = hue - sector;
  const rising = low + newChroma * rest;
  const falling = max - newChroma * rest;
  switch (sector) {
    case 0:
      return put(rgb, i, max, rising, low);
    case 1:
      return put(rgb, i, falling, max, low);
    case 2:
      return put(rgb, i, low, max, rising);
    case 3:
      return put(rgb, i, low, falling, max);
    case 4:
      return put(rgb, i, rising, low, max);
    default:
      return put(rgb, i, max, low, falling);
  }
}

function put(rgb: Float32Array, i: number, r: number, g: number, b: number): void {
  rgb[i] = r;
  rgb[i + 1] = g;
  rgb[i + 2] = b;
}

const saturate = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);
