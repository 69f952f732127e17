/** What the drawings of the help page show: the studio's own functions on the default boxes of SSD300, in pixels of its input. */
import type { CornerBox, ImagePx, Unit } from '@core/geometry/box';
import { clamp, toCenter, toUnit } from '@core/geometry/convert';
import { orderByScore, suppressNonMaxima } from '@core/geometry/nms';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { decodeBoxes, encodeBox } from '@core/priors/coder';
import { boxesPerCell, type DefaultBoxConfiguration } from '@core/priors/configuration';
import { type MatchingBox, matchingBoxes } from '@core/priors/coverage';
import { withFormula, type ScaleFormula } from '@core/priors/formulas';
import { type DefaultBoxes, generateDefaultBoxes } from '@core/priors/generate';
import { mineHardNegatives } from '@core/priors/mining';
import { VOC300 } from '@core/priors/presets';

export const SIDE = 300;
export const INPUT = { width: SIDE, height: SIDE };
export const CONFIGURATION: DefaultBoxConfiguration = VOC300;
/** The feature maps that predict, the finest first. */
export const MAPS = sourceMaps(buildNetwork(defaultChoice('ssd300'), 21, CONFIGURATION.sources.map(boxesPerCell)));
export const BOXES: DefaultBoxes = generateDefaultBoxes(CONFIGURATION, INPUT, MAPS);

type Box = CornerBox<ImagePx>;

/** Distance of the cell centres of a map. */
export const stepOf = (map: number): number => CONFIGURATION.sources[map].step?.[0] ?? SIDE / MAPS[map].width;

/** A default box in pixels of the input. */
export function defaultBox(prior: number, boxes: DefaultBoxes = BOXES): Box {
  const [x1, y1, x2, y2] = boxes.corners.subarray(4 * prior, 4 * prior + 4);
  return { x1: SIDE * x1, y1: SIDE * y1, x2: SIDE * x2, y2: SIDE * y2 };
}

export interface Cell {
  readonly column: number;
  readonly row: number;
}

/** The cell under a point; the nearest one for points that no cell covers. */
export function cellUnder(map: number, x: number, y: number): Cell {
  const [step, { width, height }] = [stepOf(map), MAPS[map]];
  return { column: clamp(Math.floor(x / step), 0, width - 1), row: clamp(Math.floor(y / step), 0, height - 1) };
}

/** The default boxes of a cell, in the order of SPEC.md 2.3. */
export function boxesOfCell(map: number, { column, row }: Cell, boxes: DefaultBoxes = BOXES): readonly Box[] {
  const { first, boxesPerCell: count, map: size } = boxes.grids[map];
  const from = first + (row * size.width + column) * count;
  return Array.from({ length: count }, (_, b) => defaultBox(from + b, boxes));
}

/** Min and max size of each map by a formula. */
export function sizesOf(formula: ScaleFormula, sMin: number, sMax: number) {
  return withFormula(CONFIGURATION, formula, { sMin, sMax }, INPUT).sources.map(({ minSizes, maxSizes }) => ({
    min: minSizes[0],
    max: maxSizes[0],
  }));
}

/** The boxes of the middle cell of a map with other aspect ratios, with or without the extra box. */
export function cellWith(map: number, ratios: readonly number[], extra: boolean): readonly Box[] {
  const sources = CONFIGURATION.sources.map((source, k) =>
    k === map ? { ...source, aspectRatios: ratios, maxSizes: extra ? source.maxSizes : [] } : source,
  );
  const { width, height } = MAPS[map];
  const cell = { column: width >> 1, row: height >> 1 };
  return boxesOfCell(map, cell, generateDefaultBoxes({ ...CONFIGURATION, sources }, INPUT, MAPS));
}

/** The default boxes that learn an object, from an overlap on. */
export function matchesOf(object: Box, threshold: number): readonly MatchingBox[] {
  const { x1, y1, x2, y2 } = toUnit(object, INPUT);
  const objects = { corners: Float64Array.of(x1, y1, x2, y2), classIndex: Int32Array.of(1) };
  return matchingBoxes(objects, BOXES, threshold, CONFIGURATION.variances);
}

/** Which background boxes count in the loss, from the score of "some object" that each has. */
export function minedOf(scores: readonly number[], positives: number, ratio: number): readonly boolean[] {
  const losses = [...Array<number>(positives).fill(0), ...scores.map((score) => -Math.log(1 - score))];
  const labels = losses.map((_, i) => (i < positives ? 1 : 0));
  const selected = new Uint8Array(labels.length);
  mineHardNegatives(losses, labels, ratio, selected);
  return [...selected.subarray(positives)].map((value) => value === 1);
}

export type Offsets = readonly [x: number, y: number, width: number, height: number];

/** What the network must answer at a default box for a box. */
export function offsetsOf(box: Box, prior: Box, variances: readonly [number, number]): Offsets {
  const [b, p] = [toUnit(box, INPUT), toCenter(toUnit(prior, INPUT))];
  const out = new Float64Array(4);
  encodeBox([b.x1, b.y1, b.x2, b.y2], 0, [p.cx, p.cy, p.w, p.h], 0, variances, out);
  return [out[0], out[1], out[2], out[3]];
}

/** The box that such an answer means. */
export function boxOf(offsets: Offsets, prior: Box, variances: readonly [number, number]): Box {
  const p = toCenter<Unit>(toUnit(prior, INPUT));
  const [x1, y1, x2, y2] = decodeBoxes(offsets, [p.cx, p.cy, p.w, p.h], variances, new Float64Array(4));
  return { x1: SIDE * x1, y1: SIDE * y1, x2: SIDE * x2, y2: SIDE * y2 };
}

/** Which of the boxes non-maximum suppression keeps. */
export function keptOf(boxes: readonly Box[], scores: readonly number[], threshold: number): readonly boolean[] {
  const order = orderByScore(
    Int32Array.from(boxes, (_, i) => i),
    Float64Array.from(scores),
    boxes.length,
  );
  const kept = new Int32Array(boxes.length);
  const count = suppressNonMaxima(
    boxes.flatMap(({ x1, y1, x2, y2 }) => [x1, y1, x2, y2]),
    order,
    threshold,
    kept,
  );
  const left = new Set(kept.subarray(0, count));
  return boxes.map((_, i) => left.has(i));
}

/** A box moved and kept inside the input. */
export function moved({ x1, y1, x2, y2 }: Box, dx: number, dy: number): Box {
  const x = clamp(x1 + dx, 0, SIDE - (x2 - x1));
  const y = clamp(y1 + dy, 0, SIDE - (y2 - y1));
  return { x1: x, y1: y, x2: x + x2 - x1, y2: y + y2 - y1 };
}

const SMALLEST = 8;
/** A box with its lower right corner moved. */
export const resized = (box: Box, dx: number, dy: number): Box => ({
  ...box,
  x2: clamp(box.x2 + dx, box.x1 + SMALLEST, SIDE),
  y2: clamp(box.y2 + dy, box.y1 + SMALLEST, SIDE),
});

export const describe = ({ x1, y1, x2, y2 }: Box): string => `${Math.round(x2 - x1)} × ${Math.round(y2 - y1)}`;
