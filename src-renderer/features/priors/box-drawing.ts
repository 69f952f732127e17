/** Which default boxes are drawn, and what the matching makes of each. */
import { cellBoxShapes, type BoxShape } from '@core/priors/box-place';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { MatchingBox } from '@core/priors/coverage';
import type { DefaultBoxes } from '@core/priors/generate';

/** Every default box of no map, of the chosen one, or of all. */
export type AllBoxes = 'none' | 'map' | 'all';

/** `matched`: from the threshold on. `forced`: below it, but the best of an object. `hard`: a negative that the loss counts. */
export type BoxRole = 'matched' | 'forced' | 'negative' | 'hard';

export const ROLES: readonly { readonly role: BoxRole; readonly colour: string; readonly label: string }[] = [
  { role: 'matched', colour: '#5ee08a', label: 'IoU from the threshold on: learns an object' },
  { role: 'forced', colour: '#ffc53d', label: 'Forced: below it, but the best box of an object' },
  { role: 'hard', colour: '#ff6f91', label: 'Hard negative: background that the loss counts' },
  { role: 'negative', colour: '#b9c3d6', label: 'Negative: background' },
];
/** Of negatives, as in ROLES. */
export const NEGATIVE_RGB = [185, 195, 214] as const;
export const roleColour = (wanted: BoxRole): string => ROLES.find(({ role }) => role === wanted)!.colour;

/** A shape that maps have in common, whatever its size: the square, the extra square, each ratio. */
export const shapeKey = ({ ratio, extra }: Pick<BoxShape, 'ratio' | 'extra'>): string =>
  extra ? 'extra' : ratio === 1 ? 'square' : ratio.toFixed(3);

export interface ShapeKind {
  readonly key: string;
  readonly label: string;
}

/** Every kind of shape that occurs, squares first, then pairs from the mildest on. */
export function shapeKinds(configuration: DefaultBoxConfiguration): readonly ShapeKind[] {
  const kinds = new Map<string, ShapeKind & { order: number }>();
  for (const source of configuration.sources) {
    for (const shape of cellBoxShapes(source)) {
      const key = shapeKey(shape);
      const [over, side] = [Math.max(shape.ratio, 1 / shape.ratio), shape.ratio > 1 ? 0 : 0.001];
      const order = key === 'square' ? 0 : key === 'extra' ? 1 : 1 + over + side;
      kinds.set(key, { key, label: shapeLabel(shape), order });
    }
  }
  return [...kinds.values()].sort((a, b) => a.order - b.order);
}

/** "Square", "Extra square", "2:1", "1:2". */
export function shapeLabel({ ratio, extra }: Pick<BoxShape, 'ratio' | 'extra'>): string {
  if (extra) return 'Extra square';
  if (ratio === 1) return 'Square';
  return ratio > 1 ? `${Number(ratio.toFixed(2))}:1` : `1:${Number((1 / ratio).toFixed(2))}`;
}

/** Per map and box of a cell: whether its kind of shape is drawn. */
export function shownShapes(configuration: DefaultBoxConfiguration, hidden: ReadonlySet<string>): readonly boolean[][] {
  return configuration.sources.map((source) =>
    cellBoxShapes(source, configuration.extraBoxLast).map((shape) => !hidden.has(shapeKey(shape))),
  );
}

/** Positions of the boxes of one map (`null`: of all) whose shapes are drawn, and that `isLeftOut` does not name. */
export function drawnBoxes(
  { grids, offsets, total }: Pick<DefaultBoxes, 'grids' | 'offsets' | 'total'>,
  shown: readonly (readonly boolean[])[],
  map: number | null,
  isLeftOut: (prior: number) => boolean = () => false,
): Int32Array {
  const drawn = new Int32Array(total);
  let count = 0;
  grids.forEach(({ boxesPerCell }, source) => {
    if (map !== null && source !== map) return;
    for (let prior = offsets[source]; prior < offsets[source + 1]; prior++) {
      if (shown[source][(prior - offsets[source]) % boxesPerCell] && !isLeftOut(prior)) drawn[count++] = prior;
    }
  });
  return drawn.subarray(0, count);
}

/** The boxes that the loss of this picture counts; all others are negatives. */
export function rolesOf(matches: readonly MatchingBox[], hard: Iterable<number>): ReadonlyMap<number, BoxRole> {
  const roles = new Map<number, BoxRole>();
  for (const prior of hard) roles.set(prior, 'hard');
  for (const { prior, forced } of matches) roles.set(prior, forced ? 'forced' : 'matched');
  return roles;
}
