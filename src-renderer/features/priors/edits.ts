/** What a person changes about default boxes: each change is a configuration in, a configuration out. */
import type { DefaultBoxConfiguration, SourceBoxes } from '@core/priors/configuration';

/** Offered as chips on every map; anything else is typed. */
export const COMMON_RATIOS: readonly number[] = [2, 3];
/** The contract's bounds (run-schema.ts). */
export const RATIO_RANGE = [1.05, 20] as const;
const MOST_RATIOS = 12;
export const MOST_SIZES = 16;

/** The list with one value replaced. */
export const replaced = <T>(list: readonly T[], at: number, value: T): T[] =>
  list.map((old, index) => (index === at ? value : old));

function withSource(
  configuration: DefaultBoxConfiguration,
  source: number,
  change: (boxes: SourceBoxes) => SourceBoxes,
): DefaultBoxConfiguration {
  return {
    ...configuration,
    sources: replaced(configuration.sources, source, change(configuration.sources[source])),
  };
}

export const hasRatio = (boxes: SourceBoxes, ratio: number): boolean =>
  boxes.aspectRatios.some((known) => Math.abs(known - ratio) < 1e-6);

/** Pixels that can be typed for a size or a step. */
export const SIZE_RANGE = [1, 4096] as const;

/** One min or max size of a source. */
export function withSize(
  configuration: DefaultBoxConfiguration,
  source: number,
  sizes: 'minSizes' | 'maxSizes',
  at: number,
  value: number,
): DefaultBoxConfiguration {
  return withSource(configuration, source, (boxes) => ({ ...boxes, [sizes]: replaced(boxes[sizes], at, value) }));
}

/** One more min size on a source, half-way from its largest to the next larger of all the maps; with its extra box where they have one. */
export function withAddedSize(configuration: DefaultBoxConfiguration, source: number): DefaultBoxConfiguration {
  const largest = Math.max(...configuration.sources[source].minSizes);
  const size = Math.min(SIZE_RANGE[1], Number(Math.sqrt(largest * nextSize(configuration, largest)).toFixed(2)));
  return withSource(configuration, source, (boxes) => ({
    ...boxes,
    minSizes: [...boxes.minSizes, size],
    maxSizes: boxes.maxSizes.length > 0 ? [...boxes.maxSizes, nextSize(configuration, size)] : [],
  }));
}

/** One min size less; the last one stays. */
export function withoutSize(
  configuration: DefaultBoxConfiguration,
  source: number,
  at: number,
): DefaultBoxConfiguration {
  return withSource(configuration, source, (boxes) => {
    if (boxes.minSizes.length === 1) return boxes;
    const others = (sizes: readonly number[]) => sizes.filter((_, index) => index !== at);
    return { ...boxes, minSizes: others(boxes.minSizes), maxSizes: others(boxes.maxSizes) };
  });
}

/** The next larger min size of all the maps; above the largest as far again as the one before it lies below. */
function nextSize({ sources }: DefaultBoxConfiguration, size: number): number {
  const sizes = sources.flatMap((boxes) => boxes.minSizes);
  const next = Math.min(...sizes.filter((other) => other > size));
  if (next < Infinity) return next;
  const before = Math.max(0, ...sizes.filter((other) => other < size));
  return Math.min(SIZE_RANGE[1], 2 * size - before);
}

/** The distance between the cells of a source; null: as its map has it. */
export const withStep = (
  configuration: DefaultBoxConfiguration,
  source: number,
  step: readonly [number, number] | null,
): DefaultBoxConfiguration => withSource(configuration, source, (boxes) => ({ ...boxes, step }));

/** Adds the ratio, or takes it away. Its reciprocal comes and goes with it. */
export function toggleRatio(
  configuration: DefaultBoxConfiguration,
  source: number,
  ratio: number,
): DefaultBoxConfiguration {
  return withSource(configuration, source, (boxes) => ({
    ...boxes,
    aspectRatios: hasRatio(boxes, ratio)
      ? boxes.aspectRatios.filter((known) => Math.abs(known - ratio) >= 1e-6)
      : [...boxes.aspectRatios, ratio].sort((a, b) => a - b),
  }));
}

/**
 * A typed ratio: "1.5", "3:2" and "2/3" all mean the pair 1.5 and 1/1.5. Returns the ratio above 1, or why it cannot be taken.
 */
export function parseRatio(
  text: string,
  boxes: SourceBoxes,
): { readonly ratio: number } | { readonly problem: string } {
  const match = /^\s*(\d+(?:[.,]\d+)?)\s*(?:[:/]\s*(\d+(?:[.,]\d+)?))?\s*$/.exec(text);
  if (!match) return { problem: 'Type a ratio such as 1.5 or 3:2.' };
  const number = (part: string) => Number(part.replace(',', '.'));
  const quotient = number(match[1]) / (match[2] === undefined ? 1 : number(match[2]));
  const ratio = Number((quotient < 1 ? 1 / quotient : quotient).toFixed(4));
  if (!Number.isFinite(ratio) || ratio > RATIO_RANGE[1]) return { problem: `At most ${RATIO_RANGE[1]}:1.` };
  if (ratio < RATIO_RANGE[0]) return { problem: 'The square box (1:1) is always there.' };
  if (hasRatio(boxes, ratio)) return { problem: 'This ratio is there already.' };
  if (boxes.aspectRatios.length >= MOST_RATIOS) return { problem: `At most ${MOST_RATIOS} ratios.` };
  return { ratio };
}

/**
 * The extra square box of side sqrt(min * max) on or off. Switched on, each min size is paired with the next larger size of
 * all the maps, as in SSD; the largest of all with itself plus the last difference.
 */
export function withExtraBox(
  configuration: DefaultBoxConfiguration,
  source: number,
  on: boolean,
): DefaultBoxConfiguration {
  const next = (size: number) => nextSize(configuration, size);
  return withSource(configuration, source, (boxes) => ({ ...boxes, maxSizes: on ? boxes.minSizes.map(next) : [] }));
}

/** Ratio and its reciprocal as a chip says them: "2:1 · 1:2". */
export function ratioLabel(ratio: number): string {
  const text = String(Number(ratio.toFixed(2)));
  return `${text}:1 and 1:${text}`;
}
