/**
 * Local search over default boxes under a budget, with the exact coverage of a sample as its objective. A change of one source
 * costs that source's overlaps alone: those of the others are kept.
 */
import type { Size } from '../geometry/convert';
import { boxesPerCell, type DefaultBoxConfiguration, type SourceBoxes } from './configuration';
import { isWithin, type SourceLimits } from './box-limits';
import { scoreOf, type FitWeights, type WeightedTable } from './fit-objects';
import { sourceGrids } from './generate';
import { raiseOverlaps } from './grid-overlap';

export interface SearchSetting {
  readonly input: Size;
  readonly maps: readonly Size[];
  readonly limits: readonly SourceLimits[];
  /** Most default boxes in all. */
  readonly budget: number;
  readonly objects: WeightedTable;
  readonly threshold: number;
  readonly weights: FitWeights;
  /** The max size that a source would have with its extra box, by its min sizes. */
  readonly extraFactors: readonly (readonly number[])[];
}

/** Gains below this are noise of the sample. */
const SMALLEST_GAIN = 1e-5;
const NEW_RATIOS = [1.3, 1.6, 2, 2.5, 3];
const RATIO_RANGE = [1.1, 5] as const;
/** Two ratios of a source differ by this factor at least. */
const RATIO_APART = 1.12;
const MOST_RATIOS = 4;
/** Of max to min size. */
const EXTRA_RANGE = [1.1, 4] as const;
const FACTORS = [1.25, 1.12, 1.06, 1.03];
const SWEEPS_PER_FACTOR = 4;

export class BoxSearch {
  #configuration: DefaultBoxConfiguration;
  #score = 0;
  /** Per source: the best IoU of each object with its boxes alone. */
  #overlaps: Float64Array[] = [];
  /** The largest of all sources but one, and which one. */
  readonly #others: Float64Array;
  #othersOf = -1;
  readonly #candidate: Float64Array;

  constructor(
    private readonly setting: SearchSetting,
    start: DefaultBoxConfiguration,
  ) {
    const { count } = setting.objects.table;
    this.#others = new Float64Array(count);
    this.#candidate = new Float64Array(count);
    this.#configuration = start;
    this.restart(start);
  }

  get configuration(): DefaultBoxConfiguration {
    return this.#configuration;
  }

  get score(): number {
    return this.#score;
  }

  get boxes(): number {
    return countBoxes(this.#configuration.sources, this.setting.maps);
  }

  /** Goes on from another configuration of the same sources. */
  restart(configuration: DefaultBoxConfiguration): void {
    this.#configuration = configuration;
    this.#overlaps = configuration.sources.map((source, k) => this.#overlapsOf(k, source));
    this.#othersOf = -1;
    this.#score = this.#scoreWith(0, this.#overlaps[0]);
  }

  /** Whether every size is one that its map may have. */
  suits({ sources }: DefaultBoxConfiguration): boolean {
    return sources.every((source, k) => isWithin(source, this.setting.limits[k]));
  }

  /** Takes boxes away, those that are missed least for their number, until the budget is kept or no ratio and extra box is left. */
  trim(): void {
    while (this.boxes > this.setting.budget) {
      const removal = this.#best(this.#removals(), (score, saved) => (score - this.#score) / saved);
      if (removal === null) return;
      this.#take(removal.k, removal.source);
    }
  }

  /** Adds ratios and extra boxes while they help and the budget allows, those that help most for their number first. */
  fill(): void {
    for (;;) {
      const affordable = this.#additions().filter((change) => this.#allows(change.k, change.source));
      const addition = this.#best(affordable, (score, saved) => (score - this.#score) / -saved);
      if (addition === null || addition.score <= this.#score + SMALLEST_GAIN) return;
      this.#take(addition.k, addition.source);
    }
  }

  /** For each ratio and extra box: whether the budget is better spent without it. A step after each. */
  *reallocate(): Generator<void, void> {
    for (let at = 0; at < this.#removals().length; at++) {
      yield;
      const before = { configuration: this.#configuration, score: this.#score };
      const { k, source } = this.#removals()[at];
      this.#take(k, source);
      this.fill();
      if (this.#score <= before.score + SMALLEST_GAIN) this.restart(before.configuration);
    }
  }

  /** Moves sizes (only when they are free) and ratios by ever smaller factors while that helps. A step after each source. */
  *polish(freeSizes: boolean): Generator<void, void> {
    for (const factor of FACTORS) {
      for (let sweep = 0, improved = true; improved && sweep < SWEEPS_PER_FACTOR; sweep++) {
        improved = false;
        for (let k = 0; k < this.#configuration.sources.length; k++) {
          for (const by of [factor, 1 / factor]) {
            const moves = movesOf(this.#configuration.sources[k], freeSizes);
            for (let move = 0; move < moves; move++) if (this.#tryMove(k, move, by, freeSizes)) improved = true;
          }
          yield;
        }
      }
    }
  }

  #tryMove(k: number, move: number, by: number, freeSizes: boolean): boolean {
    const source = moved(this.#configuration.sources[k], move, by, freeSizes);
    if (!source || !this.#allows(k, source)) return false;
    if (this.#scoreWith(k, this.#overlapsOf(k, source, this.#candidate)) <= this.#score + SMALLEST_GAIN) return false;
    this.#take(k, source);
    return true;
  }

  /** The change that is worth most; `saved` is the number of boxes that it takes away. */
  #best(
    changes: readonly Change[],
    worth: (score: number, saved: number) => number,
  ): (Change & { score: number }) | null {
    let best: (Change & { score: number }) | null = null;
    let most = -Infinity;
    for (const change of changes) {
      const score = this.#scoreWith(change.k, this.#overlapsOf(change.k, change.source, this.#candidate));
      const { width, height } = this.setting.maps[change.k];
      const saved = boxesPerCell(this.#configuration.sources[change.k]) - boxesPerCell(change.source);
      const value = worth(score, saved * width * height);
      if (value <= most) continue;
      most = value;
      best = { ...change, score };
    }
    return best;
  }

  #removals(): Change[] {
    return this.#configuration.sources.flatMap((source, k) => [
      ...source.aspectRatios.map((ratio) => ({
        k,
        source: { ...source, aspectRatios: source.aspectRatios.filter((other) => other !== ratio) },
      })),
      ...(source.maxSizes.length > 0 ? [{ k, source: { ...source, maxSizes: [] } }] : []),
    ]);
  }

  #additions(): Change[] {
    return this.#configuration.sources.flatMap((source, k) => {
      const changes: Change[] = NEW_RATIOS.flatMap((ratio) => {
        const aspectRatios = withRatio(source.aspectRatios, ratio);
        return aspectRatios ? [{ k, source: { ...source, aspectRatios } }] : [];
      });
      if (source.maxSizes.length === 0) {
        const maxSizes = source.minSizes.map((size, i) => size * this.setting.extraFactors[k][i]);
        changes.push({ k, source: { ...source, maxSizes } });
      }
      return changes;
    });
  }

  /** Within the budget and the limits of its map, and in ascending order between its neighbours. */
  #allows(k: number, source: SourceBoxes): boolean {
    const { sources } = this.#configuration;
    if (!isWithin(source, this.setting.limits[k])) return false;
    const sizes = [
      Math.max(0, ...(sources[k - 1]?.minSizes ?? [])),
      ...source.minSizes,
      Math.min(Infinity, ...(sources[k + 1]?.minSizes ?? [])),
    ];
    if (sizes.some((size, i) => i > 0 && size < sizes[i - 1])) return false;
    const { width, height } = this.setting.maps[k];
    const more = (boxesPerCell(source) - boxesPerCell(sources[k])) * width * height;
    return more <= 0 || this.boxes + more <= this.setting.budget;
  }

  #take(k: number, source: SourceBoxes): void {
    const sources = this.#configuration.sources.map((old, i) => (i === k ? source : old));
    this.#configuration = { ...this.#configuration, sources };
    this.#overlaps[k] = this.#overlapsOf(k, source);
    if (this.#othersOf !== k) this.#othersOf = -1;
    this.#score = this.#scoreWith(k, this.#overlaps[k]);
  }

  #overlapsOf(
    k: number,
    source: SourceBoxes,
    out: Float64Array = new Float64Array(this.#candidate.length),
  ): Float64Array {
    const { input, maps, objects } = this.setting;
    const [grid] = sourceGrids({ ...this.#configuration, sources: [source] }, input, [maps[k]]);
    out.fill(0);
    raiseOverlaps(objects.table, grid, out);
    return out;
  }

  #scoreWith(k: number, overlaps: Float64Array): number {
    if (this.#othersOf !== k) this.#findOthers(k);
    const { objects, threshold, weights } = this.setting;
    const best = overlaps.map((iou, i) => (iou > this.#others[i] ? iou : this.#others[i]));
    return scoreOf(best, objects.weight, threshold, weights);
  }

  #findOthers(k: number): void {
    this.#others.fill(0);
    this.#overlaps.forEach((overlaps, j) => {
      if (j === k) return;
      for (let i = 0; i < overlaps.length; i++) if (overlaps[i] > this.#others[i]) this.#others[i] = overlaps[i];
    });
    this.#othersOf = k;
  }
}

interface Change {
  readonly k: number;
  readonly source: SourceBoxes;
}

export function countBoxes(sources: readonly SourceBoxes[], maps: readonly Size[]): number {
  return sources.reduce((sum, source, k) => sum + boxesPerCell(source) * maps[k].width * maps[k].height, 0);
}

function withRatio(ratios: readonly number[], ratio: number): number[] | null {
  const apart = ratios.every((other) => Math.max(ratio / other, other / ratio) >= RATIO_APART);
  return apart && ratios.length < MOST_RATIOS ? [...ratios, ratio].sort((a, b) => a - b) : null;
}

/** Sizes that can be moved, one after another: ratios, then min sizes and extra boxes when they are free, then all at once. */
function movesOf({ aspectRatios, minSizes, maxSizes }: SourceBoxes, freeSizes: boolean): number {
  return aspectRatios.length + (freeSizes ? minSizes.length + maxSizes.length + 1 : 0);
}

function moved(source: SourceBoxes, move: number, by: number, freeSizes: boolean): SourceBoxes | null {
  const { aspectRatios, minSizes, maxSizes } = source;
  const times = (values: readonly number[], at: number): number[] => values.map((v, i) => (i === at ? v * by : v));
  if (move < aspectRatios.length) {
    const ratio = aspectRatios[move] * by;
    if (ratio < RATIO_RANGE[0] || ratio > RATIO_RANGE[1]) return null;
    const ratios = withRatio(
      aspectRatios.filter((_, i) => i !== move),
      ratio,
    );
    return ratios && { ...source, aspectRatios: ratios };
  }
  if (!freeSizes) return null;
  const size = move - aspectRatios.length;
  if (size === minSizes.length + maxSizes.length) {
    return { ...source, minSizes: minSizes.map((v) => v * by), maxSizes: maxSizes.map((v) => v * by) };
  }
  const next = {
    ...source,
    minSizes: times(minSizes, size),
    maxSizes: times(maxSizes, size - minSizes.length),
  };
  const suits = next.maxSizes.every((max, i) => {
    const factor = max / next.minSizes[i];
    return factor >= EXTRA_RANGE[0] && factor <= EXTRA_RANGE[1];
  });
  return suits ? next : null;
}
