/** The suggestion of the default-box studio: default boxes fitted to a project's objects under a budget, with what it changes. */
import type { Size } from '../geometry/convert';
import { receptiveFields } from '../network/cost';
import type { NetworkChoice } from '../network/description';
import { sourceMaps } from '../network/shapes';
import { buildNetwork } from '../network/zoo';
import { boxLimits } from './box-limits';
import { BoxSearch, countBoxes, type SearchSetting } from './box-search';
import { boxesPerCell, type DefaultBoxConfiguration } from './configuration';
import {
  bestOverlaps,
  countReached,
  FIT_WEIGHTS,
  sampleObjects,
  scoreOf,
  weightedTable,
  withArea,
  withCopies,
  type FitObjects,
  type FitWeights,
} from './fit-objects';
import { linkedStarts, quantileStart } from './fit-starts';
import { sourceGrids } from './generate';
import { measureBoxes, type BoxesMeasure } from './measure-boxes';
import { presetDefaultBoxes } from './presets';

export interface FitOptions {
  /** Default boxes of the whole network, at most. */
  readonly budget: number;
  /** What is compared with and begun from; the network's preset when left out. */
  readonly from?: DefaultBoxConfiguration;
  readonly matchingThreshold: number;
  readonly weights?: FitWeights;
  /** Sizes of each map for themselves, in ascending order; otherwise s_min and s_max move them all as in `withScales`. */
  readonly freeScales: boolean;
  /** Each class weighs as much as every other; otherwise each object does. */
  readonly perClass: boolean;
  /** Draws the sample that the search looks at. */
  readonly seed: number;
  /** Objects that the search does not see, for the check that it has not learnt the others by heart. */
  readonly heldOut?: FitObjects;
  /** Classes without background, for the cost. */
  readonly classes: number;
}

export interface DefaultBoxFit {
  readonly before: BoxesMeasure;
  readonly after: BoxesMeasure;
  /** False when nothing better was found: `after` is `before` then. */
  readonly changed: boolean;
  readonly budget: number;
  readonly matchingThreshold: number;
  /** Objects fitted to, and how many of them the search looked at; `fitted` is of all. */
  readonly objects: number;
  readonly sample: number;
}

/** How far a search is, 0 to 1. */
export type FitProgress = number;

/** More objects make the search slower and move its result little; fewer are filled up with copies. */
const SAMPLE = 3000;
/** Fewer objects say too little about those still to come: default boxes within the budget stay as they are. */
export const FEWEST_OBJECTS = 20;
const ROUNDS = 2;

/**
 * Ratios and extra boxes are bought where they help most for their number, then sizes and ratios are moved while recall at the
 * threshold and mean best IoU grow, and each box is sold again when the budget is better spent without it. Runs as a generator, so
 * that its caller can show progress, let others work in between and stop. The same objects and options give the same result.
 * The result never has more boxes than the budget; when `from` keeps the budget it never has a lower recall than that on all
 * objects fitted to.
 * @param objects unit coordinates; those without area are left out
 * @throws RangeError when not even one box per min size and cell is within the budget
 */
export function* fitDefaultBoxes(
  objects: FitObjects,
  network: NetworkChoice,
  options: FitOptions,
): Generator<FitProgress, DefaultBoxFit> {
  const from = options.from ?? presetDefaultBoxes(network);
  const description = buildNetwork(network, 2, from.sources.map(boxesPerCell));
  const maps = sourceMaps(description);
  const fewest = fewestBoxes(from, maps);
  if (fewest > options.budget) {
    throw new RangeError(
      `one box per cell and size are ${fewest} default boxes already, above the ${options.budget} asked for`,
    );
  }
  const all = withArea(objects);
  const picked = sampleObjects(all, SAMPLE, options.seed);
  const sample = withCopies(picked, SAMPLE, options.seed);
  const weights = options.weights ?? FIT_WEIGHTS;
  const setting: SearchSetting = {
    input: network.input,
    maps,
    limits: boxLimits(from, network.input, maps, receptiveFields(description)),
    budget: options.budget,
    objects: weightedTable(sample, options.perClass),
    threshold: options.matchingThreshold,
    weights,
    extraFactors: extraFactorsOf(from),
  };
  const before = sideOf(from);
  /** What decides between two configurations: all objects, and after few of them their copies. */
  const decisive = sample === picked ? weightedTable(all, options.perClass) : setting.objects;
  const isWithin = before.boxes <= options.budget;
  let best = { configuration: from, score: isWithin ? judge(from).score : -Infinity };
  if (all.x1.length >= FEWEST_OBJECTS || !isWithin) {
    for (const configuration of yield* candidates()) {
      const rounded = presentable(configuration);
      const { score, matched } = judge(rounded);
      const keepsRecall = !isWithin || matched >= before.fitted.matched;
      if (score > best.score && keepsRecall) best = { configuration: rounded, score };
    }
  }
  const changed = best.configuration !== from;
  return {
    before,
    after: changed ? sideOf(best.configuration) : before,
    changed,
    budget: options.budget,
    matchingThreshold: options.matchingThreshold,
    objects: all.x1.length,
    sample: picked.x1.length,
  };

  /** The best of the search from each start; the sample may prefer another than all objects do. */
  function* candidates(): Generator<FitProgress, DefaultBoxConfiguration[]> {
    const starts = [from, ...linkedStarts(from, sample, network.input)];
    const search = new BoxSearch(setting, from);
    const found: DefaultBoxConfiguration[] = [];
    const linked = bestStart(search, starts);
    const begun = options.freeScales
      ? [linked, quantileStart(linked, sample, setting.limits, network.input)]
      : [linked];
    let done = 0;
    const expected = begun.length * (ROUNDS + 1) * 50;
    for (const start of begun) {
      search.restart(start);
      search.trim();
      search.fill();
      for (let round = 0; round <= ROUNDS; round++) {
        for (const step of [() => search.polish(options.freeScales), () => search.reallocate()]) {
          for (const _ of step()) yield Math.min(0.95, ++done / expected);
        }
        if (!options.freeScales) search.restart(bestStart(search, respreads(search.configuration)));
        found.push(search.configuration);
      }
    }
    return found.filter(({ sources }) => countBoxes(sources, maps) <= options.budget);
  }

  /** Linked scales once more, now that ratios have changed: finer and finer around where they are. */
  function respreads(configuration: DefaultBoxConfiguration): DefaultBoxConfiguration[] {
    return [configuration, ...linkedStarts(configuration, sample, network.input)];
  }

  function bestStart(search: BoxSearch, starts: readonly DefaultBoxConfiguration[]): DefaultBoxConfiguration {
    let winner = starts[0];
    let highest = -Infinity;
    for (const start of starts) {
      if (start !== starts[0] && !search.suits(start)) continue;
      search.restart(start);
      if (search.score > highest) [winner, highest] = [start, search.score];
    }
    return winner;
  }

  /** How many of all objects it reaches, and its score. */
  function judge(configuration: DefaultBoxConfiguration): { readonly score: number; readonly matched: number } {
    const { matchingThreshold } = options;
    const overlaps = bestOverlaps(decisive.table, sourceGrids(configuration, network.input, maps));
    return {
      score: scoreOf(overlaps, decisive.weight, matchingThreshold, weights),
      matched: countReached(overlaps.subarray(0, all.x1.length), matchingThreshold),
    };
  }

  function sideOf(configuration: DefaultBoxConfiguration): BoxesMeasure {
    return measureBoxes(configuration, network, { fitted: all, heldOut: options.heldOut }, options);
  }
}

/** The smallest budget: one default box per min size and cell. */
export function fewestBoxes({ sources }: DefaultBoxConfiguration, maps: readonly Size[]): number {
  return countBoxes(
    sources.map((source) => ({ ...source, maxSizes: [], aspectRatios: [] })),
    maps,
  );
}

/** Of max to min sizes as they are; to the next larger size of all where a source has no extra box. */
function extraFactorsOf({ sources }: DefaultBoxConfiguration): number[][] {
  const sizes = [...new Set(sources.flatMap(({ minSizes }) => minSizes))].sort((a, b) => a - b);
  return sources.map(({ minSizes, maxSizes }) =>
    minSizes.map((size, i) => {
      const larger = maxSizes[i] ?? sizes[sizes.indexOf(size) + 1] ?? 1.5 * size;
      return Math.min(2.5, Math.max(1.2, larger / size));
    }),
  );
}

/** Numbers that a person would type: sizes to tenths of a pixel, ratios to hundredths. */
function presentable(configuration: DefaultBoxConfiguration): DefaultBoxConfiguration {
  const to = (digits: number) => (value: number) => Number(value.toFixed(digits));
  return {
    ...configuration,
    sources: configuration.sources.map((source) => ({
      ...source,
      minSizes: source.minSizes.map(to(1)),
      maxSizes: source.maxSizes.map(to(1)),
      aspectRatios: source.aspectRatios.map(to(2)),
    })),
  };
}
