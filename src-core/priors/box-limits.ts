/** How large the default boxes of each source may become in a search: what its feature map can learn. */
import type { Size } from '../geometry/convert';
import type { ReceptiveField } from '../network/cost';
import type { DefaultBoxConfiguration, SourceBoxes } from './configuration';
import { inputScale } from './scales';

/**
 * A source gets no min size above so many of its cells (the last source any): SSD300's are up to 3.75. Larger ones would fit as
 * well, on ever more cells, but a fine map sees too little for large objects, and their many matches drown the small objects.
 */
export const MOST_CELLS = 4;
/** The extra box, sqrt(min*max), so much above that: as in SSD300, whose first is 1.41 times its min size of 3.75 cells. */
const EXTRA_FACTOR = 1.5;

export interface SourceLimits {
  /** Pixels of the network input. */
  readonly minSize: number;
  readonly extraSize: number;
  /** The longer side of any box. */
  readonly side: number;
}

/** A configuration that is used already sets what is allowed where it goes further. */
export function boxLimits(
  used: DefaultBoxConfiguration,
  input: Size,
  maps: readonly Size[],
  fields: readonly ReceptiveField[],
): SourceLimits[] {
  const whole = inputScale(input);
  return used.sources.map((source, k) => {
    const largest = largestOf(source);
    if (k === used.sources.length - 1) {
      return { minSize: Math.max(1.2 * whole, largest.minSize), extraSize: 1.5 * whole, side: Infinity };
    }
    const cells = MOST_CELLS * Math.sqrt((input.width * input.height) / (maps[k].width * maps[k].height));
    return {
      minSize: Math.max(cells, largest.minSize),
      extraSize: Math.max(EXTRA_FACTOR * cells, largest.extraSize),
      side: Math.max(fields[k].width, fields[k].height, largest.side),
    };
  });
}

export function isWithin(source: SourceBoxes, limits: SourceLimits): boolean {
  const largest = largestOf(source);
  return largest.minSize <= limits.minSize && largest.extraSize <= limits.extraSize && largest.side <= limits.side;
}

function largestOf({ minSizes, maxSizes, aspectRatios }: SourceBoxes): SourceLimits {
  const minSize = Math.max(...minSizes);
  const extraSize = Math.max(0, ...maxSizes.map((max, i) => Math.sqrt(max * minSizes[i])));
  const stretch = Math.sqrt(Math.max(1, ...aspectRatios.map((ratio) => Math.max(ratio, 1 / ratio))));
  return { minSize, extraSize, side: Math.max(minSize * stretch, extraSize) };
}
