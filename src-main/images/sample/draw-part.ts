/** A part laid on the canvas: its soft shadow first, then its metal, anti-aliased by the distance to its outline. */
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { lightAt } from './belt';
import type { Canvas, Lighting } from './belt';
import type { Noise } from './noise';
import type { Part, Surface } from './parts';

export interface PlacedPart {
  readonly part: Part;
  readonly x: number;
  readonly y: number;
  /** Turned by this angle, from x towards y. */
  readonly angle: number;
  readonly metal: Metal;
}

export interface Metal {
  readonly colour: readonly [number, number, number];
  /** 0 dull to 1 like a mirror. */
  readonly gloss: number;
  /** Strength of spots of rust, 0 none. */
  readonly rust: number;
}

/** The smallest box around the whole part, also where it is hidden or outside the picture. */
export function boxOf({ part, x, y, angle }: PlacedPart): CornerBox<ImagePx> {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  // A direction of the picture, turned back into the part's frame.
  const reach = (dx: number, dy: number): number => part.reach(dx * c + dy * s, dy * c - dx * s);
  return { x1: x - reach(-1, 0), y1: y - reach(0, -1), x2: x + reach(1, 0), y2: y + reach(0, 1) };
}

/** `owner`: per pixel the part that covers it; `index` is written where this one does. Returns how many it covers. */
export function drawPart(
  canvas: Canvas,
  placed: PlacedPart,
  light: Lighting,
  noise: Noise,
  owner: Int16Array,
  index: number,
): number {
  drawShadow(canvas, placed, light);
  const { part, metal } = placed;
  const surface: Surface = { distance: 0, nx: 0, ny: 0, shade: 1, turned: 0 };
  const [c, s] = [Math.cos(placed.angle), Math.sin(placed.angle)];
  let covered = 0;
  forPixels(canvas, placed.x, placed.y, part.radius + 2, (i, px, py) => {
    const [dx, dy] = [px - placed.x, py - placed.y];
    const [x, y] = [dx * c + dy * s, dy * c - dx * s];
    part.surface(x, y, surface);
    const cover = Math.max(0, Math.min(1, 0.5 - surface.distance));
    if (cover === 0) return;
    if (cover > 0.5) {
      owner[i / 3] = index;
      covered += 1;
    }
    const rough = 0.05 * noise.at(x * 0.55 + 40, y * 0.55) + 0.04 * noise.at(x * 0.12, y * 0.12 + 90);
    const nx = surface.nx * c - surface.ny * s + rough;
    const ny = surface.nx * s + surface.ny * c + rough;
    const nz = Math.sqrt(Math.max(0.05, 1 - nx * nx - ny * ny));
    const lit = lightAt(light, px, py, canvas) * 1.12;
    const facing = Math.max(0, nx * light.x + ny * light.y + nz * light.z);
    // A wide softbox on the lamp's side and a dim hall around it, mirrored by the metal.
    const [rx, ry] = [2 * nz * nx, 2 * nz * ny];
    const towards = rx * light.x + ry * light.y + (2 * nz * nz - 1) * light.z;
    const mirrored = 0.18 + 0.75 * sigmoid((towards - 0.72) * 9) + 0.12 * rx - 0.08 * ry;
    const streak =
      surface.turned * turnedHighlight(dx, dy, light) + surface.turned * 0.35 * noise.at(rx * 4 + x / 40, y / 34);
    const glow = (0.1 + 0.42 * facing) * (1 - 0.5 * metal.gloss) + metal.gloss * (mirrored * 0.62 + streak * 0.3);
    const rust = metal.rust * Math.max(0, noise.at(x / 9 + 15, y / 9 + placed.x) - 0.1) * 2;
    const shade = surface.shade * (1 + 0.12 * noise.at(x / 16, y / 16 + placed.y)) * lit;
    for (let k = 0; k < 3; k++) {
      const own = metal.colour[k] * (1 - Math.min(0.85, rust)) + RUST[k] * Math.min(0.85, rust);
      const value = own * glow * shade * light.colour[k];
      canvas.data[i + k] += cover * (value - canvas.data[i + k]);
    }
  });
  return covered;
}

const RUST = [0.32, 0.13, 0.05] as const;
const sigmoid = (t: number): number => 1 / (1 + Math.exp(-t));

/** Turning marks are rings: they shine where the ring runs across the light, in two wedges like those of a record. */
function turnedHighlight(dx: number, dy: number, light: Lighting): number {
  const r = Math.hypot(dx, dy) || 1;
  const across = (dx * light.x + dy * light.y) / (r * Math.hypot(light.x, light.y));
  return 2 * Math.abs(across) ** 6 - 0.25;
}

/** Softer and fainter with the part's height, and a dark line where it touches the belt. */
function drawShadow(canvas: Canvas, { part, x, y, angle }: PlacedPart, light: Lighting): void {
  const surface: Surface = { distance: 0, nx: 0, ny: 0, shade: 1, turned: 0 };
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const flat = Math.hypot(light.x, light.y);
  const length = (part.height * flat) / light.z;
  const [sx, sy] = [(-light.x / flat) * length, (-light.y / flat) * length];
  const soft = 1.5 + part.height * light.softness;
  const distanceAt = (dx: number, dy: number): number => {
    part.surface(dx * c + dy * s, dy * c - dx * s, surface);
    return surface.distance;
  };
  forPixels(canvas, x + sx / 2, y + sy / 2, part.radius + soft + length, (i, px, py) => {
    const [dx, dy] = [px - x, py - y];
    // Between foot and top of the part, the shadow is the sweep of the outline along the light.
    let swept = Infinity;
    for (let t = 0.25; t <= 1; t += 0.25) swept = Math.min(swept, distanceAt(dx - t * sx, dy - t * sy));
    const touching = Math.max(0, 1 - Math.max(0, distanceAt(dx, dy)) / (2 + part.height * 0.25));
    const cast = Math.max(0, Math.min(1, 0.5 - swept / (2 * soft)));
    const dark = (1 - 0.72 * cast * cast * (3 - 2 * cast)) * (1 - 0.45 * touching * touching);
    for (let k = 0; k < 3; k++) canvas.data[i + k] *= dark;
  });
}

/** Every pixel whose centre may lie in a circle: its position in the data and the centre's coordinates. */
function forPixels(
  canvas: Canvas,
  cx: number,
  cy: number,
  radius: number,
  visit: (i: number, px: number, py: number) => void,
): void {
  const x1 = Math.min(canvas.width, Math.ceil(cx + radius));
  const y1 = Math.min(canvas.height, Math.ceil(cy + radius));
  for (let y = Math.max(0, Math.floor(cy - radius)); y < y1; y++) {
    for (let x = Math.max(0, Math.floor(cx - radius)); x < x1; x++) {
      visit((y * canvas.width + x) * 3, x + 0.5, y + 0.5);
    }
  }
}
