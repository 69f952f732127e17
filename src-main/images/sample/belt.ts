/** The conveyor belt without parts: rubber with a texture, wear, dust and stains, under uneven light. */
import type { Random } from '@core/random/random';
import { Noise } from './noise';

/** Linear light, three values per pixel, row by row. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** One lamp for the whole picture. */
export interface Lighting {
  /** Unit vector towards the lamp, z up to the camera. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Colour of the light, around 1. */
  readonly colour: readonly [number, number, number];
  /** How much darker the far side of the picture is, 0 to 1. */
  readonly falloff: number;
  /** Softness of shadows in pixels per pixel of height. */
  readonly softness: number;
}

export function drawLighting(random: Random): Lighting {
  const direction = random.uniform(0, 2 * Math.PI);
  const elevation = random.uniform(0.62, 1.15);
  const warmth = random.uniform(-0.07, 0.09);
  const strength = random.uniform(0.85, 1.2);
  return {
    x: Math.cos(direction) * Math.cos(elevation),
    y: Math.sin(direction) * Math.cos(elevation),
    z: Math.sin(elevation),
    colour: [strength * (1 + warmth), strength, strength * (1 - warmth)],
    falloff: random.uniform(0.15, 0.75),
    softness: random.uniform(0.15, 0.5),
  };
}

/** Brightness of the lamp at a pixel: brighter on its own side, and a little darker in the corners (the lens). */
export function lightAt(light: Lighting, x: number, y: number, canvas: Canvas): number {
  const u = x / canvas.width - 0.5;
  const v = y / canvas.height - 0.5;
  const side = 1 + light.falloff * (u * light.x + v * light.y) * 1.6;
  return side * (1 - 0.35 * (u * u + v * v));
}

const RUBBERS = [
  [0.05, 0.052, 0.055],
  [0.035, 0.06, 0.048],
  [0.04, 0.05, 0.075],
  [0.1, 0.098, 0.092],
  [0.028, 0.028, 0.03],
  [0.05, 0.1, 0.085],
  [0.2, 0.2, 0.19],
] as const;

type Texture = (x: number, y: number) => number;

function drawTexture(random: Random): Texture {
  const pitch = random.uniform(5, 13);
  const angle = random.chance(0.5) ? 0 : random.uniform(-0.6, 0.6);
  const along = [Math.cos(angle), Math.sin(angle)];
  switch (random.integer(4)) {
    case 0: // ribs
      return (x, y) => 0.16 * Math.sin(((x * along[0] + y * along[1]) / pitch) * 2 * Math.PI);
    case 1: {
      // weave
      const k = (2 * Math.PI) / (pitch * 0.55);
      return (x, y) => 0.12 * Math.sin((x * along[0] + y * along[1]) * k) * Math.sin((y * along[0] - x * along[1]) * k);
    }
    case 2: {
      // diamonds
      const k = Math.PI / pitch;
      return (x, y) => {
        const a = Math.abs(Math.sin((x + y) * k * 0.7));
        const b = Math.abs(Math.sin((x - y) * k * 0.7));
        return 0.22 * (Math.min(a, b) < 0.14 ? -1 : 0.12);
      };
    }
    default: // smooth
      return () => 0;
  }
}

export function drawBelt(canvas: Canvas, light: Lighting, random: Random): void {
  const noise = new Noise(random);
  const rubber = RUBBERS[random.integer(RUBBERS.length)];
  const texture = drawTexture(random);
  const grain = random.uniform(0.1, 0.24);
  const wear = random.uniform(0.05, 0.28);
  const wearLength = random.uniform(40, 110);
  const rail = random.chance(0.35) ? random.uniform(12, 38) : 0;
  const seam = random.chance(0.25) ? random.uniform(0.1, 0.9) * canvas.width : -100;
  const seamSlant = random.uniform(-0.25, 0.25);
  const { data, width, height } = canvas;
  for (let y = 0, i = 0; y < height; y++) {
    let [broad, stain] = [0, 0];
    for (let x = 0; x < width; x++, i += 3) {
      // Wear runs along the belt's way, which is x; the broad shapes change little from pixel to pixel.
      if (x % 4 === 0) {
        broad = noise.at(x / (wearLength * 3), y / 11 + 50);
        stain = Math.max(0, noise.at(x / 70 + 9, y / 70 + 31) - 0.25);
      }
      const worn = noise.at(x / wearLength, y / 3.1) * 0.6 + broad * 0.4;
      let value =
        1 + texture(x, y) + grain * noise.at(x * 0.9, y * 0.9) + grain * 0.6 * noise.at(x / 2.7, y / 2.7 + 77);
      value += wear * worn - 0.28 * stain;
      const fromSeam = Math.abs(x - seam - seamSlant * y);
      if (fromSeam < 3) value *= 0.45 + 0.15 * fromSeam;
      else if (fromSeam < 6) value *= 1.12;
      let shine = 0;
      if (y < rail) {
        // A metal rail along the upper edge, round, with a shadow below.
        const across = (y / rail) * 2 - 1;
        shine = 0.12 + 0.3 * Math.max(0, 1 - Math.abs(across + 0.25) * 1.6) + 0.04 * noise.at(x / 60, y);
      } else if (rail > 0 && y < rail + 14) {
        value *= 0.45 + (0.55 * (y - rail)) / 14;
      }
      const lit = lightAt(light, x, y, canvas) * 1.5;
      for (let c = 0; c < 3; c++) {
        const own = shine > 0 ? shine : rubber[c] * Math.max(0.1, value);
        data[i + c] = own * lit * light.colour[c];
      }
    }
  }
  drawDirt(canvas, random);
}

/** Specks of dust, drops of oil and fine scratches: things that are no parts. */
function drawDirt(canvas: Canvas, random: Random): void {
  for (let k = random.integer(70); k > 0; k--) {
    const radius = random.uniform(0.5, 1.7);
    const brightness = random.chance(0.7) ? random.uniform(1.4, 2.6) : random.uniform(0.3, 0.6);
    blot(canvas, random.uniform(0, canvas.width), random.uniform(0, canvas.height), radius, radius, brightness);
  }
  for (let k = random.integer(4); k > 0; k--) {
    const [rx, ry] = [random.uniform(8, 34), random.uniform(6, 24)];
    blot(canvas, random.uniform(0, canvas.width), random.uniform(0, canvas.height), rx, ry, random.uniform(0.4, 0.75));
  }
  for (let k = random.integer(6); k > 0; k--) {
    let [x, y] = [random.uniform(0, canvas.width), random.uniform(0, canvas.height)];
    let direction = random.uniform(-0.35, 0.35);
    const strength = random.uniform(1.15, 1.7);
    for (let step = random.uniform(30, 220); step > 0; step--) {
      blot(canvas, x, y, 0.7, 0.7, strength);
      direction += random.uniform(-0.02, 0.02);
      x += Math.cos(direction);
      y += Math.sin(direction);
    }
  }
}

/** Multiplies an ellipse with soft edges. */
function blot(canvas: Canvas, cx: number, cy: number, rx: number, ry: number, factor: number): void {
  const x1 = Math.min(canvas.width, Math.ceil(cx + rx + 1));
  const y1 = Math.min(canvas.height, Math.ceil(cy + ry + 1));
  for (let y = Math.max(0, Math.floor(cy - ry - 1)); y < y1; y++) {
    for (let x = Math.max(0, Math.floor(cx - rx - 1)); x < x1; x++) {
      const r = Math.hypot((x + 0.5 - cx) / rx, (y + 0.5 - cy) / ry);
      const cover = Math.max(0, Math.min(1, (1 - r) * Math.min(rx, ry) * 0.7 + 0.5));
      const i = (y * canvas.width + x) * 3;
      for (let c = 0; c < 3; c++) canvas.data[i + c] *= 1 + cover * (factor - 1);
    }
  }
}
