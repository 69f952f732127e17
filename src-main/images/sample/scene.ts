/** One picture of the sample: which parts lie where, drawn over each other, with the boxes that follow from the geometry. */
import { Random } from '@core/random/random';
import type { SamplePicture } from '../../services/ports';
import { drawBelt, drawLighting } from './belt';
import type { Canvas } from './belt';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { boxOf, drawPart } from './draw-part';
import type { Metal, PlacedPart } from './draw-part';
import { Noise } from './noise';
import { createBolt, createNut, createWasher } from './parts';
import type { Part } from './parts';

export const WIDTH = 640;
export const HEIGHT = 480;

const METALS: readonly Omit<Metal, 'rust'>[] = [
  { colour: [0.62, 0.63, 0.65], gloss: 0.75 }, // steel
  { colour: [0.74, 0.74, 0.7], gloss: 0.9 }, // nickel
  { colour: [0.52, 0.54, 0.58], gloss: 0.45 }, // zinc
  { colour: [0.7, 0.55, 0.26], gloss: 0.7 }, // brass
  { colour: [0.66, 0.6, 0.4], gloss: 0.6 }, // yellow chromate
  { colour: [0.11, 0.11, 0.12], gloss: 0.55 }, // black oxide
];

type Box = CornerBox<ImagePx>;

/** Parts that show less than this are not labelled as easy. */
const EASY_SHARE = 0.4;
/** Parts of which this much or more of the area is outside the picture are truncated. */
const TRUNCATED_SHARE = 0.05;

export interface Scene {
  /** RGB, 8 bits, row by row. */
  readonly pixels: Uint8Array;
  readonly objects: SamplePicture['objects'];
}

/** Picture `index` of the set that `seed` makes; each is drawn on its own. */
export function drawScene(index: number, seed: number): Scene {
  const random = Random.seeded(seed, index);
  const canvas: Canvas = { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT * 3) };
  const light = drawLighting(random);
  drawBelt(canvas, light, random);

  const noise = new Noise(random);
  const owner = new Int16Array(WIDTH * HEIGHT).fill(-1);
  const parts = placeParts(random);
  for (const [k, placed] of parts.entries()) drawPart(canvas, placed, light, noise, owner, k);
  return { pixels: expose(canvas, random), objects: labelled(parts, owner) };
}

function drawPartOf(kind: number, scale: number, random: Random): Part {
  switch (kind) {
    case 0:
      return createWasher(scale * random.uniform(17, 46), random);
    case 1:
      return createNut(scale * random.uniform(16, 36), random);
    default:
      return createBolt(Math.min(200, scale * random.uniform(80, 170)), random);
  }
}

/** From 3 big parts to 20 small ones; now and then they lie on each other, at most half of the smaller one. */
function placeParts(random: Random): readonly PlacedPart[] {
  const scale = 0.75 * 2 ** random.uniform(0, 1.05);
  const count = 3 + random.integer(Math.round(15 / scale));
  const crowded = random.chance(0.4);
  const placed: PlacedPart[] = [];
  for (let attempt = 0; attempt < count * 12 && placed.length < count; attempt++) {
    const part = drawPartOf(random.integer(3), scale, random);
    // One part in four may be cut by the border.
    const margin = part.radius * (random.chance(0.25) ? 0.4 : -1);
    const candidate: PlacedPart = {
      part,
      x: random.uniform(-margin, WIDTH + margin),
      y: random.uniform(-margin, HEIGHT + margin),
      angle: random.uniform(0, 2 * Math.PI),
      metal: { ...METALS[random.integer(METALS.length)], rust: random.chance(0.2) ? random.uniform(0.3, 1) : 0 },
    };
    const nearest = crowded && random.chance(0.5) ? 0.55 : 0.95;
    if (placed.every((other) => distanceShare(candidate, other) > nearest)) placed.push(candidate);
  }
  return placed;
}

/** Distance of the middles over the sum of the radii; a bolt counts as slimmer than the circle around it. */
function distanceShare(a: PlacedPart, b: PlacedPart): number {
  const size = ({ part }: PlacedPart): number => (part.className === 'bolt' ? part.radius * 0.75 : part.radius);
  return Math.hypot(a.x - b.x, a.y - b.y) / (size(a) + size(b));
}

/** What shows too little to be found is difficult; what shows next to nothing is left out. */
function labelled(parts: readonly PlacedPart[], owner: Int16Array): SamplePicture['objects'] {
  const visible = new Array<number>(parts.length).fill(0);
  for (const index of owner) if (index >= 0) visible[index] += 1;
  return parts.flatMap((placed, k) => {
    const { total, inside, extent } = areaOf(placed);
    const share = visible[k] / total;
    const isTruncated = 1 - inside / total >= TRUNCATED_SHARE;
    const box = insidePicture(boxOf(placed), extent);
    if (visible[k] < 40 || share < 0.1 || box.x2 - box.x1 < 6 || box.y2 - box.y1 < 6) return [];
    return [
      {
        className: placed.part.className,
        box,
        difficult: share < EASY_SHARE,
        truncated: isTruncated,
      },
    ];
  });
}

/**
 * The whole part's box where the picture does not cut it. Where it does, what is left may be smaller than the box's own cut
 * (a slanting bolt): there the extent of the pixels inside counts.
 */
function insidePicture(whole: Box, extent: Box): Box {
  const isCut = whole.x1 < 0 || whole.y1 < 0 || whole.x2 > WIDTH || whole.y2 > HEIGHT;
  return isCut
    ? {
        x1: Math.max(whole.x1, extent.x1),
        y1: Math.max(whole.y1, extent.y1),
        x2: Math.min(whole.x2, extent.x2),
        y2: Math.min(whole.y2, extent.y2),
      }
    : whole;
}

/** Pixels that the part would cover, all of them and those inside the picture, and the extent of the latter. */
function areaOf({ part, x, y, angle }: PlacedPart): {
  readonly total: number;
  readonly inside: number;
  readonly extent: Box;
} {
  const surface = { distance: 0, nx: 0, ny: 0, shade: 1, turned: 0 };
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const extent = { x1: WIDTH, y1: HEIGHT, x2: 0, y2: 0 };
  let [total, inside] = [0, 0];
  for (let py = Math.floor(y - part.radius); py < y + part.radius; py++) {
    for (let px = Math.floor(x - part.radius); px < x + part.radius; px++) {
      const [dx, dy] = [px + 0.5 - x, py + 0.5 - y];
      part.surface(dx * c + dy * s, dy * c - dx * s, surface);
      if (surface.distance >= 0) continue;
      total += 1;
      if (px < 0 || py < 0 || px >= WIDTH || py >= HEIGHT) continue;
      inside += 1;
      extent.x1 = Math.min(extent.x1, px);
      extent.y1 = Math.min(extent.y1, py);
      extent.x2 = Math.max(extent.x2, px + 1);
      extent.y2 = Math.max(extent.y2, py + 1);
    }
  }
  return { total, inside, extent };
}

/** The camera: exposure, a shoulder for highlights, sensor noise that grows with the light, sRGB's curve. */
function expose(canvas: Canvas, random: Random): Uint8Array {
  const exposure = random.uniform(1.05, 1.5);
  const read = random.uniform(0.002, 0.006);
  const shot = random.uniform(0.01, 0.028);
  const { data } = canvas;
  const pixels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    // Sums of random bytes are nearly normal, and much quicker: four for the grain that all channels share, one for each.
    const shared = random.bits();
    const own = random.bits();
    const grain = ((shared & 255) + ((shared >>> 8) & 255) + ((shared >>> 16) & 255) + (shared >>> 24)) / 256 - 2;
    for (let k = 0; k < 3; k++) {
      const light = Math.max(0, data[i + k] * exposure);
      const noisy = light + (grain * 1.2 + ((own >>> (8 * k)) & 255) / 256 - 0.5) * (read + shot * Math.sqrt(light));
      pixels[i + k] = toSrgb(noisy / (1 + 0.22 * Math.max(0, noisy)));
    }
  }
  return pixels;
}

const CURVE = Uint8Array.from({ length: 4097 }, (_, k) => {
  const v = k / 4096;
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
});

const toSrgb = (value: number): number => CURVE[Math.max(0, Math.min(4096, Math.round(value * 4096)))];
