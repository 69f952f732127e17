/** Photometric distortion (SPEC.md 6.1): brightness, contrast, saturation, hue, on values 0 to 255 in RGB. */
import type { PhotometricStep } from '@core/augment/photometric';
import type { PixelOperation } from './warp';

/** The operation for drawn steps, or undefined when there are none. Hue wraps; results saturate at 0 and 255 after each step. */
export function photometricOperation(steps: readonly PhotometricStep[]): PixelOperation | undefined {
  const operations = joinColour(steps).map(operationOf);
  if (operations.length === 0) return undefined;
  return (rgb, count) => {
    for (const operation of operations) operation(rgb, count);
  };
}

interface ColourStep {
  readonly kind: 'colour';
  /** On the saturation of HSV. */
  readonly factor: number;
  /** Sixths of the colour circle, in [0, 6). */
  readonly turn: number;
}

/** Saturation and hue that follow each other become one pass: neither changes what the other reads. */
function joinColour(steps: readonly PhotometricStep[]): (PhotometricStep | ColourStep)[] {
  const joined: (PhotometricStep | ColourStep)[] = [];
  for (const step of steps) {
    if (step.kind !== 'saturation' && step.kind !== 'hue') {
      joined.push(step);
      continue;
    }
    const factor = step.kind === 'saturation' ? step.factor : 1;
    const turn = step.kind === 'hue' ? (((step.degrees / 60) % 6) + 6) % 6 : 0;
    const last = joined.at(-1);
    if (last?.kind === 'colour') joined.pop();
    const before = last?.kind === 'colour' ? last : { factor: 1, turn: 0 };
    joined.push({ kind: 'colour', factor: before.factor * factor, turn: (before.turn + turn) % 6 });
  }
  return joined;
}

function operationOf(step: PhotometricStep | ColourStep): PixelOperation {
  switch (step.kind) {
    case 'brightness':
      return (rgb, count) => {
        for (let i = 0; i < count * 3; i++) rgb[i] = saturate(rgb[i] + step.delta);
      };
    case 'contrast':
      return (rgb, count) => {
        for (let i = 0; i < count * 3; i++) rgb[i] = saturate(rgb[i] * step.factor);
      };
    case 'colour':
      return (rgb, count) => {
        for (let i = 0; i < count * 3; i += 3) turnAndSaturate(rgb, i, step.factor, step.turn);
      };
    case 'channels':
      return (rgb, count) => {
        const [r, g, b] = step.order;
        for (let i = 0; i < count * 3; i += 3) put(rgb, i, rgb[i + r], rgb[i + g], rgb[i + b]);
      };
    default:
      throw new RangeError(`${step.kind} is no step of its own`);
  }
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
