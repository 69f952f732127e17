/** What would have to change so that a default box reaches an object from the threshold on: each change tried, none guessed. */
import type { CornerBox, Unit } from '../geometry/box';
import type { Size } from '../geometry/convert';
import { iouAt } from '../geometry/overlap';
import { MOST_CELLS } from './box-limits';
import type { DefaultBoxConfiguration, SourceBoxes } from './configuration';
import { bestOverlaps } from './fit-objects';
import { sourceGrids } from './generate';
import { objectTable } from './object-table';
import { inputScale, scalesOf, withScales } from './scales';

export interface ReachSetting {
  readonly configuration: DefaultBoxConfiguration;
  /** Size of the network input in pixels. */
  readonly input: Size;
  readonly maps: readonly Size[];
  readonly threshold: number;
}

/** One change after which the object has a default box of IoU >= threshold. */
export type ReachChange = {
  readonly configuration: DefaultBoxConfiguration;
  /** The object's best IoU then. */
  readonly iou: number;
  /** Default boxes that it adds. */
  readonly addedBoxes: number;
} & (
  | { readonly kind: 'sMin' | 'sMax'; readonly from: number; readonly to: number }
  /** Pixels of the network input. */
  | { readonly kind: 'size'; readonly source: number; readonly from: number; readonly to: number }
  /** Above 1: the pair of it and its reciprocal. */
  | { readonly kind: 'ratio'; readonly source: number; readonly ratio: number }
  | {
      readonly kind: 'sizeAndRatio';
      readonly source: number;
      readonly from: number;
      readonly to: number;
      readonly ratio: number;
    }
);

export interface Reach {
  /** In pixels of the network input. */
  readonly width: number;
  readonly height: number;
  readonly bestIou: number;
  readonly reached: boolean;
  /** The smallest change of each kind that helps, those that add no boxes first. */
  readonly changes: readonly ReachChange[];
  /** With a default box of its very size on the map where that lies best: below the threshold no size or ratio helps, only finer cells. */
  readonly possibleIou: number;
}

/** Ratios that a person would choose. */
const RATIOS: readonly number[] = [1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20];
const MOST_RATIOS = 12;
const STEPS = 60;

/** @param object unit coordinates, with area */
export function reachOf(object: CornerBox<Unit>, setting: ReachSetting): Reach {
  const { configuration, input, maps, threshold } = setting;
  const table = objectTable({ imageId: [0], x1: [object.x1], y1: [object.y1], x2: [object.x2], y2: [object.y2] });
  const iouWith = (changed: DefaultBoxConfiguration): number =>
    bestOverlaps(table, sourceGrids(changed, input, maps))[0];
  const width = (object.x2 - object.x1) * input.width;
  const height = (object.y2 - object.y1) * input.height;
  const scale = Math.sqrt(width * height);
  const ratio = Math.max(width / height, height / width);
  const bestIou = iouWith(configuration);
  const reached = bestIou >= threshold;
  const found = reached ? [] : [sMinChange(), sMaxChange(), sizeChange(), ratioChange()];
  const single = found.flatMap((change) => change ?? []);
  const both = reached || single.length > 0 ? null : sizeAndRatioChange();
  const changes = [...single, ...(both ? [both] : [])].sort((a, b) => a.addedBoxes - b.addedBoxes);
  return { width, height, bestIou, reached, changes, possibleIou: possibleIou() };

  /** The first of the changed configurations that reaches the object. */
  function firstThatReaches<T extends { readonly configuration: DefaultBoxConfiguration }>(
    tries: Iterable<T>,
  ): (T & { readonly iou: number; readonly addedBoxes: number }) | null {
    for (const attempt of tries) {
      const iou = iouWith(attempt.configuration);
      if (iou >= threshold)
        return { ...attempt, iou, addedBoxes: boxesOf(attempt.configuration) - boxesOf(configuration) };
    }
    return null;
  }

  function boxesOf(changed: DefaultBoxConfiguration): number {
    return sourceGrids(changed, input, maps).reduce(
      (sum, grid) => sum + grid.map.width * grid.map.height * grid.boxesPerCell,
      0,
    );
  }

  function sMinChange(): ReachChange | null {
    const range = scalesOf(configuration, input);
    const lowest = Math.max(0.005, (0.7 * scale) / inputScale(input));
    return firstThatReaches(
      between(range.sMin, Math.min(range.sMin, lowest)).map((value) => {
        const to = Math.floor(1000 * value) / 1000;
        const changed = withScales(configuration, { sMin: to, sMax: range.sMax }, input);
        return { kind: 'sMin' as const, from: range.sMin, to, configuration: changed };
      }),
    );
  }

  function sMaxChange(): ReachChange | null {
    const range = scalesOf(configuration, input);
    const highest = Math.min(1.2, (1.4 * scale) / inputScale(input));
    return firstThatReaches(
      between(range.sMax, Math.max(range.sMax, highest)).map((value) => {
        const to = Math.ceil(1000 * value) / 1000;
        const changed = withScales(configuration, { sMin: range.sMin, sMax: to }, input);
        return { kind: 'sMax' as const, from: range.sMax, to, configuration: changed };
      }),
    );
  }

  /** One min size of one map, the nearest by factor first. */
  function sizeChange(): ReachChange | null {
    return firstThatReaches(
      sizeTries()
        .map(({ source, index, from, to }) => ({
          kind: 'size' as const,
          source,
          from,
          to,
          configuration: withSource(source, (boxes) => ({ ...boxes, minSizes: replaced(boxes.minSizes, index, to) })),
        }))
        .sort((a, b) => Math.abs(Math.log(a.to / a.from)) - Math.abs(Math.log(b.to / b.from))),
    );
  }

  /** Towards the object's scale and a little past it, where the grid asks for more; fine maps keep the smaller boxes. */
  function sizeTries(): { source: number; index: number; from: number; to: number }[] {
    const { sources } = configuration;
    const sorted = sources.flatMap(({ minSizes }) => minSizes);
    return sources.flatMap(({ minSizes, maxSizes }, source) => {
      const cell = Math.sqrt((input.width * input.height) / (maps[source].width * maps[source].height));
      const before = sources.slice(0, source).reduce((sum, other) => sum + other.minSizes.length, 0);
      return minSizes.flatMap((from, index) => {
        const most = Math.min(
          source === maps.length - 1 ? Infinity : Math.max(from, MOST_CELLS * cell),
          maxSizes[index] ?? Infinity,
          sorted[before + index + 1] ?? Infinity,
        );
        const least = sorted[before + index - 1] ?? 0;
        return between(from, from > scale ? 0.7 * scale : 1.4 * scale)
          .map((value) => Math.round(10 * value) / 10)
          .filter((to) => to > 0 && to >= least && to <= most)
          .map((to) => ({ source, index, from, to }));
      });
    });
  }

  function ratioChange(): ReachChange | null {
    const tries = configuration.sources.flatMap((_, source) => ratioTries(source));
    return firstThatReaches(
      tries
        .map(({ source, ratio: chosen }) => ({
          kind: 'ratio' as const,
          source,
          ratio: chosen,
          configuration: withSource(source, (boxes) => withRatio(boxes, chosen)),
        }))
        .map((attempt) => ({ attempt, iou: iouWith(attempt.configuration) }))
        .sort((a, b) => b.iou - a.iou)
        .map(({ attempt }) => attempt),
    );
  }

  function ratioTries(source: number): { source: number; ratio: number }[] {
    const { aspectRatios } = configuration.sources[source];
    if (aspectRatios.length >= MOST_RATIOS) return [];
    const near = RATIOS.filter((each) => Math.abs(Math.log(each / ratio)) <= Math.log(2));
    return near
      .filter((each) => !aspectRatios.some((known) => Math.abs(Math.max(known, 1 / known) - each) < 1e-6))
      .map((each) => ({ source, ratio: each }));
  }

  function sizeAndRatioChange(): ReachChange | null {
    const tries = sizeTries().flatMap((size) =>
      ratioTries(size.source).map((tried) => ({
        kind: 'sizeAndRatio' as const,
        source: size.source,
        from: size.from,
        to: size.to,
        ratio: tried.ratio,
        configuration: withSource(size.source, (boxes) =>
          withRatio({ ...boxes, minSizes: replaced(boxes.minSizes, size.index, size.to) }, tried.ratio),
        ),
      })),
    );
    return firstThatReaches(
      tries.sort((a, b) => Math.abs(Math.log(a.to / a.from)) - Math.abs(Math.log(b.to / b.from))),
    );
  }

  function withSource(source: number, change: (boxes: SourceBoxes) => SourceBoxes): DefaultBoxConfiguration {
    const sources = configuration.sources.map((boxes, k) => (k === source ? change(boxes) : boxes));
    return { ...configuration, sources };
  }

  function possibleIou(): number {
    const unit = { ...configuration, clip: configuration.clip === 'all' ? ('all' as const) : ('none' as const) };
    const grids = sourceGrids(unit, input, maps).map((grid) => ({
      ...grid,
      boxesPerCell: 1,
      shapes: Float64Array.of(object.x2 - object.x1, object.y2 - object.y1),
    }));
    return bestOverlaps(table, grids)[0];
  }
}

const withRatio = (boxes: SourceBoxes, ratio: number): SourceBoxes => ({
  ...boxes,
  aspectRatios: [...boxes.aspectRatios, ratio].sort((a, b) => a - b),
});

const replaced = (sizes: readonly number[], index: number, size: number): number[] =>
  sizes.map((old, i) => (i === index ? size : old));

/** Values from one to the other by equal factors, the first left out; none where they are equal. */
function between(from: number, to: number): number[] {
  if (from === to) return [];
  return Array.from({ length: STEPS }, (_, i) => from * (to / from) ** ((i + 1) / STEPS));
}

/** The default boxes that overlap an object most, best first; those that overlap it at all. */
export function nearestBoxes(
  object: CornerBox<Unit>,
  corners: Float32Array,
  most: number,
): readonly { readonly prior: number; readonly iou: number }[] {
  const own = [object.x1, object.y1, object.x2, object.y2];
  const found: { prior: number; iou: number }[] = [];
  for (let prior = 0; prior < corners.length / 4; prior++) {
    const iou = iouAt(own, 0, corners, prior);
    if (iou <= (found.length < most ? 0 : found[found.length - 1].iou)) continue;
    let at = found.length;
    while (at > 0 && found[at - 1].iou < iou) at--;
    found.splice(at, 0, { prior, iou });
    if (found.length > most) found.pop();
  }
  return found;
}
