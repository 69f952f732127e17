/**
 * Scales of default boxes: the formulas of the paper and of Caffe, and the two numbers a person turns.
 * A scale is a size divided by D = sqrt(width * height) of the network input, so a square default box of scale s and an
 * object with sqrt(box area / picture area) = s are equally large, whatever the input's shape. For square inputs D is the side.
 */
import type { Size } from '../geometry/convert';
import type { DefaultBoxConfiguration } from './configuration';

/** s_min: the smallest min size; s_max: the largest min size. Both as scales. */
export interface ScaleRange {
  readonly sMin: number;
  readonly sMax: number;
}

/** D in the formulas, in pixels. */
export function inputScale(input: Size): number {
  return Math.sqrt(input.width * input.height);
}

/** Equation 4 of the SSD paper: s_k = s_min + (s_max - s_min)(k - 1)/(m - 1) for k = 1..m. */
export function paperScales({ sMin, sMax }: ScaleRange, m: number): number[] {
  return Array.from({ length: m }, (_, k) => (m === 1 ? sMin : sMin + ((sMax - sMin) * k) / (m - 1)));
}

/** Whole percentages of the input as Caffe's scripts write them; `first` is the pair of the first source (conv4_3). */
export interface CaffeRange {
  readonly minRatio: number;
  readonly maxRatio: number;
  readonly first: readonly [min: number, max: number];
}

/** Caffe's scripts (SPEC.md 2.2): step = floor((max_ratio - min_ratio) / (m - 2)); sizes in pixels, not truncated. */
export function caffeSizes(
  { minRatio, maxRatio, first }: CaffeRange,
  sources: number,
  side: number,
): { readonly min: number[]; readonly max: number[] } {
  const step = Math.floor((maxRatio - minRatio) / (sources - 2));
  const pixels = (percent: number): number => (side * percent) / 100;
  const min = [pixels(first[0])];
  const max = [pixels(first[1])];
  for (let k = 0; k < sources - 1; k++) {
    min.push(pixels(minRatio + k * step));
    max.push(pixels(minRatio + (k + 1) * step));
  }
  return { min, max };
}

/** Reads s_min and s_max back from a configuration. */
export function scalesOf(configuration: DefaultBoxConfiguration, input: Size): ScaleRange {
  const sizes = configuration.sources.flatMap((source) => source.minSizes);
  return { sMin: Math.min(...sizes) / inputScale(input), sMax: Math.max(...sizes) / inputScale(input) };
}

/**
 * The same configuration with its sizes spread anew: the smallest min size becomes s_min*D, the largest s_max*D, and those
 * between keep their place. With one min size per source places are linear, as in the paper's equation 4; with several, where
 * sizes are spaced by factors (RFB-320), they are logarithmic. At the configuration's own scales nothing changes.
 * @throws RangeError unless 0 < sMin < sMax
 */
export function withScales(
  configuration: DefaultBoxConfiguration,
  { sMin, sMax }: ScaleRange,
  input: Size,
): DefaultBoxConfiguration {
  if (!(sMin > 0 && sMax > sMin)) throw new RangeError(`s_min ${sMin} must be above 0 and below s_max ${sMax}`);
  const old = scalesOf(configuration, input);
  if (old.sMin === sMin && old.sMax === sMax) return configuration;
  const side = inputScale(input);
  if (old.sMin === old.sMax) return spread(configuration, { sMin, sMax }, side);
  const linear = configuration.sources.every((source) => source.minSizes.length === 1);
  const low = old.sMin * side;
  const high = old.sMax * side;
  const move = (size: number): number => {
    if (linear) return side * (sMin + ((sMax - sMin) * (size - low)) / (high - low));
    return side * sMin * (sMax / sMin) ** (Math.log(size / low) / Math.log(high / low));
  };
  return {
    ...configuration,
    sources: configuration.sources.map((source) => ({
      ...source,
      minSizes: source.minSizes.map(move),
      maxSizes: source.maxSizes.map(move),
    })),
  };
}

/** When all min sizes are equal their places are unknown: equation 4 over all of them in order, max size = the next min size. */
function spread(configuration: DefaultBoxConfiguration, range: ScaleRange, side: number): DefaultBoxConfiguration {
  const count = configuration.sources.reduce((sum, source) => sum + source.minSizes.length, 0);
  const step = count > 1 ? (range.sMax - range.sMin) / (count - 1) : range.sMax - range.sMin;
  const sizes = [...paperScales(range, count), range.sMax + step].map((scale) => scale * side);
  let next = 0;
  return {
    ...configuration,
    sources: configuration.sources.map((source) => {
      const from = next;
      next += source.minSizes.length;
      return {
        ...source,
        minSizes: sizes.slice(from, next),
        maxSizes: source.maxSizes.map((_, i) => sizes[from + i + 1]),
      };
    }),
  };
}

/**
 * The same configuration with other aspect ratios, one list per source, without 1 and without reciprocals. It changes the
 * number of boxes per cell and with it the width of the network's predictors.
 * @throws RangeError when the number of lists is not the number of sources
 */
export function withAspectRatios(
  configuration: DefaultBoxConfiguration,
  ratios: readonly (readonly number[])[],
): DefaultBoxConfiguration {
  if (ratios.length !== configuration.sources.length) {
    throw new RangeError(`${ratios.length} lists of aspect ratios for ${configuration.sources.length} sources`);
  }
  return {
    ...configuration,
    sources: configuration.sources.map((source, k) => ({ ...source, aspectRatios: ratios[k] })),
  };
}
