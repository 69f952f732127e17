/**
 * Fitting the sizes of default boxes to a project's objects, for training: boxes per cell stay, and each class weighs as much as
 * every other, as in mean average precision.
 */
import type { Size } from '../geometry/convert';
import type { NetworkChoice } from '../network/description';
import type { DefaultBoxConfiguration } from './configuration';
import { sourceGrids } from './generate';
import { MOST_CELLS } from './box-limits';
import {
  bestOverlaps,
  countReached,
  FIT_WEIGHTS,
  pickObjects,
  scoreOf,
  weightedTable,
  withArea,
  type FitObjects,
  type WeightedTable,
} from './fit-objects';
import { candidateRanges } from './fit-starts';
import { presetDefaultBoxes } from './presets';
import { inputScale, withScales } from './scales';

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
  const whole = withArea(objects);
  const count = whole.x1.length;
  const all = weightedTable(whole, true);
  const presetQuality = qualityOf(preset, all);
  if (count < FEWEST_OBJECTS) return result(preset, presetQuality.recall);
  const stride = Math.ceil(count / SAMPLE);
  const picked = pickObjects(
    whole,
    Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride),
  );
  const sample = weightedTable(picked, true);
  const ranges = candidateRanges(picked);
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

  function qualityOf(configuration: DefaultBoxConfiguration, { table, weight }: WeightedTable): Quality {
    const overlaps = bestOverlaps(table, sourceGrids(configuration, network.input, maps));
    const recall = overlaps.length === 0 ? 0 : countReached(overlaps, threshold) / overlaps.length;
    return { recall, value: scoreOf(overlaps, weight, threshold, FIT_WEIGHTS) };
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

interface Quality {
  /** Share of the objects with a default box from the threshold on. */
  readonly recall: number;
  /** What the search maximises: weighted recall and mean best IoU. */
  readonly value: number;
}
