/**
 * Which maps' sizes follow s_min and s_max, and by what rule; the others are free. A configuration holds pixels only, so the
 * rule is read back from them when boxes are opened.
 */
import type { Size } from '@core/geometry/convert';
import type { DefaultBoxConfiguration, SourceBoxes } from '@core/priors/configuration';
import { PUBLISHED_RANGE, type ScaleFormula, withFormula } from '@core/priors/formulas';
import { inputScale, type ScaleRange, scalesOf, withScales } from '@core/priors/scales';
import { replaced } from './edits';

/** `spread`: sizes keep their places between the smallest and the largest. */
export type SizeRule = 'spread' | ScaleFormula;

export interface SizeLink {
  readonly rule: SizeRule;
  readonly range: ScaleRange;
  /** Per map: its sizes are its own. */
  readonly free: readonly boolean[];
}

/** Pixels by which a size may miss its formula and still be meant by it. */
const SAME_SIZE = 0.01;

/** The formulas are for one size per map and three maps at least. */
export const takesFormula = ({ sources }: DefaultBoxConfiguration): boolean =>
  sources.length >= 3 && sources.every(({ minSizes }) => minSizes.length === 1);

/** The rule that explains the sizes of most maps, at least half of them; maps that it does not explain are free. */
export function inferLink(configuration: DefaultBoxConfiguration, input: Size): SizeLink {
  const none = configuration.sources.map(() => false);
  const spread: SizeLink = { rule: 'spread', range: scalesOf(configuration, input), free: none };
  if (!takesFormula(configuration)) return spread;
  // What both explain is Caffe's: released weights have its rounded steps.
  const candidates = [...caffeRanges(configuration, input), ...paperRanges(configuration, input)];
  let best: SizeLink | null = null;
  let fewest = Math.floor(configuration.sources.length / 2) + 1;
  for (const { rule, range } of candidates) {
    if (!(range.sMin > 0 && range.sMax > range.sMin)) continue;
    const free = unlike(configuration, withFormula(configuration, rule, range, input));
    const count = free.filter(Boolean).length;
    if (count < fewest) [best, fewest] = [{ rule, range, free }, count];
  }
  return best ?? spread;
}

type FormulaRange = { readonly rule: ScaleFormula; readonly range: ScaleRange };

function paperRanges({ sources }: DefaultBoxConfiguration, input: Size): FormulaRange[] {
  const scale = (k: number): number => sources[k].minSizes[0] / inputScale(input);
  return [{ rule: 'paper', range: { sMin: scale(1), sMax: scale(sources.length - 1) } }];
}

/** Whole percentages; a rounded-down step makes several s_max alike, of which the published one is meant if it is among them. */
function caffeRanges({ sources }: DefaultBoxConfiguration, input: Size): FormulaRange[] {
  const sMin = Math.round((100 * sources[1].minSizes[0]) / inputScale(input)) / 100;
  const others = Array.from({ length: 150 }, (_, i) => (i + 1) / 100).filter((sMax) => sMax > sMin);
  return [PUBLISHED_RANGE.sMax, ...others].map((sMax) => ({ rule: 'caffe', range: { sMin, sMax } }));
}

const unlike = (a: DefaultBoxConfiguration, b: DefaultBoxConfiguration): boolean[] =>
  a.sources.map((source, k) => !sameSizes(source, b.sources[k]));

const sameSizes = (a: SourceBoxes, b: SourceBoxes): boolean =>
  (['minSizes', 'maxSizes'] as const).every(
    (sizes) =>
      a[sizes].length === b[sizes].length && a[sizes].every((size, i) => Math.abs(size - b[sizes][i]) < SAME_SIZE),
  );

/** The configuration with the sizes of its linked maps by the rule; free maps, ratios and all else stay. */
export function withLink(
  configuration: DefaultBoxConfiguration,
  { rule, range, free }: SizeLink,
  input: Size,
): DefaultBoxConfiguration {
  if (free.every(Boolean)) return configuration;
  if (rule !== 'spread') return keepFree(withFormula(configuration, rule, range, input).sources);
  const linked = configuration.sources.filter((_, k) => !free[k]);
  const moved = [...withScales({ ...configuration, sources: linked }, range, input).sources];
  return keepFree(configuration.sources.map((source, k) => (free[k] ? source : moved.shift()!)));

  function keepFree(sources: readonly SourceBoxes[]): DefaultBoxConfiguration {
    return { ...configuration, sources: sources.map((source, k) => (free[k] ? configuration.sources[k] : source)) };
  }
}

/**
 * The link after an edit of the sizes themselves: a map that left its rule is free. Where more changed than a hand changes at
 * once (a fit, a reset, other boxes), the rule is read anew.
 */
export function relink(link: SizeLink, configuration: DefaultBoxConfiguration, input: Size): SizeLink {
  if (link.rule === 'spread' || !takesFormula(configuration)) {
    return { ...link, rule: 'spread', range: linkedScales(configuration, link, input) };
  }
  const left = unlike(configuration, withFormula(configuration, link.rule, link.range, input));
  const free = link.free.map((was, k) => was || left[k]);
  const freed = free.filter((is, k) => is && !link.free[k]).length;
  return freed > 1 ? inferLink(configuration, input) : { ...link, free };
}

/** s_min and s_max of the maps that are linked; of all where none is. */
function linkedScales(configuration: DefaultBoxConfiguration, { free }: SizeLink, input: Size): ScaleRange {
  const sources = configuration.sources.filter((_, k) => !free[k]);
  return scalesOf(sources.length > 0 ? { ...configuration, sources } : configuration, input);
}

/** The link when a map is set free, or tied to the rule again. */
export function withFree(
  configuration: DefaultBoxConfiguration,
  link: SizeLink,
  source: number,
  free: boolean,
  input: Size,
): SizeLink {
  const next = { ...link, free: replaced(link.free, source, free) };
  return next.rule === 'spread' ? { ...next, range: linkedScales(configuration, next, input) } : next;
}
