/**
 * The parts on the belt, seen from above, in their own frame: origin in the middle, lengths in pixels. A part is a signed
 * distance to its outline (negative inside) with a surface normal and a shade of its own; its extents are exact.
 */
import type { Random } from '@core/random/random';

/** What a part's surface is like at one point. Reused from call to call. */
export interface Surface {
  /** To the outline in pixels, negative inside. */
  distance: number;
  /** Tilt of the normal: (nx, ny, sqrt(1 - nx^2 - ny^2)). */
  nx: number;
  ny: number;
  /** Factor on the material's own brightness: grooves and holes are darker. */
  shade: number;
  /** 1 on flat turned faces, whose highlights are streaks across the turning marks; 0 elsewhere. */
  turned: number;
}

export interface Part {
  readonly className: 'washer' | 'nut' | 'bolt';
  /** How far the part reaches in a direction (a unit vector) from its middle, in pixels: its support function. */
  reach(dx: number, dy: number): number;
  /** Farther from the middle there is nothing of it. */
  readonly radius: number;
  /** Height over the belt in pixels: decides the length of its shadow. */
  readonly height: number;
  surface(x: number, y: number, out: Surface): void;
}

export function createWasher(outer: number, random: Random): Part {
  const inner = outer * random.uniform(0.36, 0.62);
  const edge = Math.max(1.5, outer * random.uniform(0.05, 0.1));
  return {
    className: 'washer',
    radius: outer,
    height: outer * random.uniform(0.1, 0.18),
    reach: () => outer,
    surface(x, y, out) {
      const r = Math.hypot(x, y) || 1e-6;
      const fromRim = outer - r;
      const fromHole = r - inner;
      out.distance = -Math.min(fromRim, fromHole);
      const depth = Math.min(fromRim, fromHole);
      const tilt = depth < edge ? 0.85 * (1 - Math.max(0, depth) / edge) * (fromRim < fromHole ? 1 : -1) : 0;
      out.nx = (x / r) * tilt;
      out.ny = (y / r) * tilt;
      out.turned = depth < edge ? 0 : 1;
      out.shade = 1 + 0.03 * Math.sin(r * 2.1) + 0.03 * Math.sin(r * 0.73);
    },
  };
}

/** Beyond this many pixels only the distance matters, and not exactly: no shadow is softer. */
const FAR = 30;

const SIN60 = Math.sqrt(3) / 2;

/** `apothem`: half the width across the flats. */
export function createNut(apothem: number, random: Random): Part {
  const corner = apothem * 0.1;
  const hole = apothem * random.uniform(0.5, 0.62);
  // The thread reaches a little into the hole; deeper one sees the belt.
  const bore = hole * 0.86;
  const chamfer = apothem * random.uniform(0.93, 1.02);
  const reachOf = hexagonReach(apothem - corner);
  return {
    className: 'nut',
    radius: apothem / SIN60,
    height: apothem * random.uniform(0.5, 0.75),
    reach: (dx, dy) => reachOf(dx, dy) + corner,
    surface(x, y, out) {
      const r = Math.hypot(x, y) || 1e-6;
      const outline = hexagonDistance(x, y, apothem - corner) - corner;
      out.distance = Math.max(outline, bore - r);
      out.turned = 0;
      out.shade = 1;
      let tilt = 0;
      if (r < hole) {
        tilt = -0.8;
        out.shade = 0.42 + 0.22 * Math.sin((r / hole) * 34);
      } else if (r < hole * 1.12) {
        tilt = -0.55;
      } else if (r > chamfer) {
        tilt = Math.min(0.75, 0.45 + ((r - chamfer) / apothem) * 2);
        out.shade = 0.9;
      } else {
        out.turned = 1;
      }
      if (outline > -1.6) {
        tilt = 0.8;
        out.shade = 0.75;
      }
      out.nx = (x / r) * tilt;
      out.ny = (y / r) * tilt;
    },
  };
}

/** Lying on the belt, along x, its head to the left. `length` from end to end. */
export function createBolt(length: number, random: Random): Part {
  const shaft = length * random.uniform(0.075, 0.115);
  const headLength = shaft * random.uniform(1.1, 1.6);
  const headHalf = shaft * random.uniform(1.6, 1.9);
  const isCap = random.chance(0.4);
  const left = -length / 2;
  const neck = left + headLength;
  const right = length / 2;
  const threadFrom = neck + (right - neck) * (random.chance(0.5) ? random.uniform(0.3, 0.55) : 0.04);
  const pitch = Math.max(2.6, shaft * random.uniform(0.38, 0.5));
  const depth = shaft * 0.14;
  const tip = shaft * 0.5;
  const bevel = headHalf * 0.2;
  const corners = [
    [left, headHalf - bevel],
    [left + bevel, headHalf],
    [neck, headHalf],
    [right - tip, shaft],
    [right, shaft - tip],
  ] as const;

  return {
    className: 'bolt',
    radius: Math.hypot(length / 2, headHalf),
    height: shaft * 1.7,
    reach: (dx, dy) => Math.max(...corners.map(([cx, cy]) => cx * dx + cy * Math.abs(dy))),
    surface(x, y, out) {
      const side = Math.abs(y);
      const beside = Math.max(side - headHalf, left - x, x - right);
      if (beside > FAR) {
        out.distance = beside;
        return;
      }
      const inHead = Math.max(left - x, x - neck, side - headHalf, (left - x + side - headHalf + bevel) * Math.SQRT1_2);
      const threaded = x > threadFrom ? 1 : 0;
      const phase = ((x + y * 0.16) / pitch) * 2 * Math.PI;
      const groove = threaded * depth * (0.5 - 0.5 * Math.cos(phase));
      const inShaft = Math.max(
        neck - 1 - x,
        x - right,
        side - shaft + groove,
        (x - right + side - shaft + tip) * Math.SQRT1_2,
      );
      out.turned = 0;
      out.shade = 1;
      if (inHead <= inShaft) {
        out.distance = inHead;
        if (isCap) {
          out.ny = 0.96 * (y / headHalf);
          out.nx = 0.1 * Math.sin(y * 2.4);
          out.shade = 0.88 + 0.12 * Math.sin(y * 2.4);
        } else {
          out.ny = side > headHalf / 2 ? Math.sign(y) * 0.78 : 0;
          out.nx = 0;
          out.shade = Math.abs(side - headHalf / 2) < 1 ? 1.12 : 1;
        }
        if (x < left + bevel) out.nx = -0.6;
        return;
      }
      out.distance = inShaft;
      out.ny = 0.95 * Math.max(-1, Math.min(1, y / shaft));
      out.nx = threaded * 0.62 * Math.sin(phase);
      out.shade = 1 - (threaded * groove * 0.45) / depth;
      if (x > right - tip) out.nx = 0.5;
      // The head stands above the shaft and darkens it where they meet.
      if (x < neck + shaft * 0.5) out.shade *= 0.6 + (0.4 * (x - neck)) / (shaft * 0.5);
    },
  };
}

/** Flats at the top and bottom, corners left and right (Inigo Quilez, "2D distance functions"). */
function hexagonDistance(x: number, y: number, apothem: number): number {
  let px = Math.abs(x);
  let py = Math.abs(y);
  const beyond = 2 * Math.min(-SIN60 * px + 0.5 * py, 0);
  px += beyond * SIN60;
  py -= beyond * 0.5;
  const half = apothem / Math.sqrt(3);
  px -= Math.max(-half, Math.min(half, px));
  py -= apothem;
  return Math.hypot(px, py) * Math.sign(py);
}

function hexagonReach(apothem: number): (dx: number, dy: number) => number {
  const circumradius = apothem / SIN60;
  const corners = [0, 1, 2, 3, 4, 5].map((k) => [
    circumradius * Math.cos((k * Math.PI) / 3),
    circumradius * Math.sin((k * Math.PI) / 3),
  ]);
  return (dx, dy) => Math.max(...corners.map(([x, y]) => x * dx + y * dy));
}
