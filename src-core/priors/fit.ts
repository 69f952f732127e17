/** Fitting the sizes of default boxes to a project's objects. */
import type { Size } from '../geometry/convert';
import type { NetworkChoice } from '../network/description';
import type { DefaultBoxConfiguration } from './configuration';
import { sourceGrids } from './generate';
import { raiseOverlaps } from './grid-overlap';
import { objectTable, type CoverageObjects, type ObjectTable } from './object-table';
import { presetDefaultBoxes } from './presets';
import { inputScale, withScales } from './scales';

export interface FitObjects extends CoverageObjects {
  /** With classes, each weighs as much as every other, as in mean average precision; without, each object does. */
  readonly classId?: ArrayLike<number>;
}

export interface FittedScales {
  readonly configuration: DefaultBoxConfiguration;
  /** Share of the objects with a default box of IoU >= threshold, fitted and with the preset. */
  readonly recall: number;
  readonly presetRecall: number;
}

/** A search over this many objects takes a second; more do not move the result. */
const SAMPLE = 2500;
/** Fewer objects say too little about those still to come. */
const FEWEST_OBJECTS = 20;
const STEPS_PER_AXIS = 12;
/** An object without a fitting default box costs more than many objects with a slightly worse one. */
const RECALL_WEIGHT = 4;

/**
 * A source gets no min size above so many of its cells (the last source any): SSD300's are up to 3.75. Larger ones would fit as
 * well, on ever more cells, but a fine map sees too little for large objects, and their many matches drown the small objects.
 */
const MOST_CELLS = 4;

/**
 * The network's own default boxes with other sizes: s_min and s_max from a grid, then, where a source has several sizes, each
 * size in turn, so that recall at the threshold, and with less weight the mean best IoU, are largest. Boxes per cell and the ascending order of sizes
 * stay, so the network's layers stay. Never below the preset in recall over all objects: then the preset itself is returned.
 * @param objects unit coordinates; those without area are left out
 */
export function fitScales(
  objects: FitObjects,
  network: NetworkChoice,
  maps: readonly Size[],
  threshold = 0.5,
): FittedScales {
  const preset = presetDefaultBoxes(network);
  const all = weighted(withArea(objects));
  const presetQuality = qualityOf(preset, all);
  if (all.x1.length < FEWEST_OBJECTS) return result(preset, presetQuality.recall);
  const stride = Math.ceil(all.x1.length / SAMPLE);
  const sample = weighted(pick(all, (i) => i % stride === 0));
  const ranges = candidateRanges(sample);
  const severalSizes = preset.sources.some((source) => source.minSizes.length > 1);
  // What fits best on the whole may lose a few objects that the preset reaches; then only what loses none is searched.
  for (const lowestRecall of [0, qualityOf(preset, sample).recall]) {
    const fitted = search(lowestRecall);
    const quality = qualityOf(fitted, all);
    const sameRecall = quality.recall === presetQuality.recall;
    if (quality.recall > presetQuality.recall || (sameRecall && quality.value > presetQuality.value)) {
      return result(fitted, quality.recall);
    }
  }
  return result(preset, presetQuality.recall);

  function result(configuration: DefaultBoxConfiguration, recall: number): FittedScales {
    return { configuration, recall, presetRecall: presetQuality.recall };
  }

  function qualityOf(configuration: DefaultBoxConfiguration, of: WeightedObjects): Quality {
    const overlaps = new Float64Array(of.x1.length);
    for (const grid of sourceGrids(configuration, network.input, maps)) raiseOverlaps(of.table, grid, overlaps);
    let reached = 0;
    let value = 0;
    overlaps.forEach((overlap, i) => {
      if (overlap >= threshold) reached++;
      value += of.weight[i] * (overlap >= threshold ? RECALL_WEIGHT + overlap : overlap);
    });
    return { recall: overlaps.length === 0 ? 0 : reached / overlaps.length, value };
  }

  /** The best configuration found whose recall over the sample is not below `lowestRecall`. */
  function search(lowestRecall: number): DefaultBoxConfiguration {
    let best = preset;
    let bestValue = valueOf(preset);
    for (const range of ranges) consider(withScales(preset, range, network.input));
    if (severalSizes) refineSizes();
    return best;

    function valueOf(configuration: DefaultBoxConfiguration): number {
      const { recall, value } = qualityOf(configuration, sample);
      return recall < lowestRecall ? -1 : value;
    }

    function consider(candidate: DefaultBoxConfiguration): boolean {
      if (!suitsMaps(candidate, network.input, maps)) return false;
      const value = valueOf(candidate);
      if (!(value > bestValue + 1e-9)) return false;
      best = candidate;
      bestValue = value;
      return true;
    }

    /** Coordinate ascent in the log domain with ever smaller factors. */
    function refineSizes(): void {
      const count = preset.sources.reduce((sum, source) => sum + source.minSizes.length, 0);
      for (const factor of [1.4, 1.2, 1.1, 1.05, 1.02]) {
        for (let round = 0, improved = true; improved && round < 8; round++) {
          improved = false;
          for (let i = 0; i < count; i++) {
            for (const by of [factor, 1 / factor]) {
              const candidate = withSizeTimes(best, i, by, inputScale(network.input));
              if (candidate && consider(candidate)) improved = true;
            }
          }
        }
      }
    }
  }
}

function suitsMaps({ sources }: DefaultBoxConfiguration, input: Size, maps: readonly Size[]): boolean {
  return sources.every(({ minSizes }, k) => {
    if (k === sources.length - 1) return true;
    const cell = Math.sqrt((input.width * input.height) / (maps[k].width * maps[k].height));
    return Math.max(...minSizes) <= MOST_CELLS * cell;
  });
}

/** One min size of all, counted through the sources, times a factor; null when it would pass a neighbour or leave the input. */
function withSizeTimes(
  configuration: DefaultBoxConfiguration,
  index: number,
  factor: number,
  side: number,
): DefaultBoxConfiguration | null {
  const sizes = configuration.sources.flatMap((source) => source.minSizes);
  sizes[index] *= factor;
  const size = sizes[index];
  const low = index > 0 ? sizes[index - 1] : 0.01 * side;
  const high = index + 1 < sizes.length ? sizes[index + 1] : 1.2 * side;
  if (size < low || size > high) return null;
  let next = 0;
  return {
    ...configuration,
    sources: configuration.sources.map((source) => ({
      ...source,
      minSizes: source.minSizes.map(() => sizes[next++]),
    })),
  };
}

/** s_min from well below the small objects to the median, s_max from the median to well above the large ones; even in the log. */
function candidateRanges(objects: CoverageObjects): { readonly sMin: number; readonly sMax: number }[] {
  const scales = Float64Array.from({ length: objects.x1.length }, (_, i) =>
    Math.sqrt((objects.x2[i] - objects.x1[i]) * (objects.y2[i] - objects.y1[i])),
  ).sort();
  const quantile = (q: number): number => scales[Math.round(q * (scales.length - 1))];
  const lows = geometric(Math.max(0.01, quantile(0.02) * 0.5), Math.max(0.012, quantile(0.5)));
  const highs = geometric(Math.max(0.02, quantile(0.5)), Math.min(1.2, quantile(0.98) * 2));
  return lows.flatMap((sMin) => highs.filter((sMax) => sMax > 1.05 * sMin).map((sMax) => ({ sMin, sMax })));
}

function geometric(low: number, high: number): number[] {
  return Array.from({ length: STEPS_PER_AXIS }, (_, i) => low * (high / low) ** (i / (STEPS_PER_AXIS - 1)));
}

interface Quality {
  /** Share of the objects with a default box from the threshold on. */
  readonly recall: number;
  /** What the search maximises: weighted recall and mean best IoU. */
  readonly value: number;
}

/** Objects with weights that sum to 1. */
interface WeightedObjects extends FitObjects {
  readonly weight: Float64Array;
  readonly table: ObjectTable;
}

function weighted(objects: FitObjects): WeightedObjects {
  const { classId } = objects;
  const perClass = new Map<number, number>();
  const classOf = (i: number): number => classId?.[i] ?? 0;
  for (let i = 0; i < objects.x1.length; i++) perClass.set(classOf(i), (perClass.get(classOf(i)) ?? 0) + 1);
  const weight = Float64Array.from({ length: objects.x1.length }, (_, i) => {
    return 1 / (perClass.get(classOf(i)) ?? 1) / perClass.size;
  });
  return { ...objects, weight, table: objectTable(objects) };
}

function withArea(objects: FitObjects): FitObjects {
  return pick(objects, (i) => objects.x2[i] > objects.x1[i] && objects.y2[i] > objects.y1[i]);
}

function pick(objects: FitObjects, keep: (index: number) => boolean): FitObjects {
  const chosen: number[] = [];
  for (let i = 0; i < objects.x1.length; i++) if (keep(i)) chosen.push(i);
  const column = (values: ArrayLike<number>): Float64Array => Float64Array.from(chosen, (i) => values[i]);
  return {
    imageId: column(objects.imageId),
    ...(objects.classId && { classId: column(objects.classId) }),
    x1: column(objects.x1),
    y1: column(objects.y1),
    x2: column(objects.x2),
    y2: column(objects.y2),
  };
}
