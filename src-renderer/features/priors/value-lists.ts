/** Sizes and aspect ratios of a map as one line of text, and back: what is typed into the table of a suggestion. */
import type { SourceBoxes } from '@core/priors/configuration';
import { parseRatio } from './edits';

export type ListedValue = 'minSizes' | 'maxSizes' | 'aspectRatios';

const MOST_PIXELS = 100_000;

export const listText = (values: readonly number[]): string =>
  values.map((value) => Number(value.toFixed(2))).join(', ');

/**
 * The map with what was typed: numbers with commas or spaces between them, of ratios also such as 3:2. As many sizes as there are
 * now; an empty list of max sizes takes the extra boxes away. Or why it cannot be taken.
 */
export function withListed(
  source: SourceBoxes,
  which: ListedValue,
  text: string,
): { readonly source: SourceBoxes } | { readonly problem: string } {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (which === 'aspectRatios') return withRatios(source, parts);
  const sizes = parts.map(Number);
  const wanted = source.minSizes.length;
  if (which === 'maxSizes' && sizes.length === 0) return { source: { ...source, maxSizes: [] } };
  if (sizes.some((size) => !(size > 0 && size <= MOST_PIXELS))) return { problem: 'Type sizes in pixels, above 0.' };
  if (sizes.length !== wanted) return { problem: wanted === 1 ? 'One size is needed.' : `${wanted} sizes are needed.` };
  return { source: { ...source, [which]: sizes } };
}

function withRatios(
  source: SourceBoxes,
  parts: readonly string[],
): { readonly source: SourceBoxes } | { readonly problem: string } {
  let boxes: SourceBoxes = { ...source, aspectRatios: [] };
  for (const part of parts) {
    const parsed = parseRatio(part, boxes);
    if ('problem' in parsed) return { problem: `${part}: ${parsed.problem}` };
    boxes = { ...boxes, aspectRatios: [...boxes.aspectRatios, parsed.ratio].sort((a, b) => a - b) };
  }
  return { source: boxes };
}
