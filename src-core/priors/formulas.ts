/** Sizes by a published formula, for networks with one min size per source (SPEC.md 2.1 and 2.2). */
import type { Size } from '../geometry/convert';
import type { DefaultBoxConfiguration } from './configuration';
import { caffeSizes, inputScale, paperScales, type ScaleRange } from './scales';

/**
 * `paper`: equation 4 as it is written. `caffe`: what released weights were trained with, whole percentages with a rounded-down
 * step, so that the last size falls short of s_max or passes it.
 */
export const SCALE_FORMULAS = ['paper', 'caffe'] as const;
export type ScaleFormula = (typeof SCALE_FORMULAS)[number];

/** What the SSD paper and ssd_pascal.py take for 300 x 300. */
export const PUBLISHED_RANGE: ScaleRange = { sMin: 0.2, sMax: 0.9 };

/**
 * The configuration with min and max sizes by a formula. The first source is set aside at half of s_min (in Caffe in whole
 * percentages, rounded down), and s_1 to s_m are those of the others. Max sizes are the next min sizes, the formula continued
 * after the last; sources without an extra box stay without.
 * @throws RangeError unless 0 < sMin < sMax, there are at least three sources and each has one min size
 */
export function withFormula(
  configuration: DefaultBoxConfiguration,
  formula: ScaleFormula,
  range: ScaleRange,
  input: Size,
): DefaultBoxConfiguration {
  const { sources } = configuration;
  if (!(range.sMin > 0 && range.sMax > range.sMin)) {
    throw new RangeError(`s_min ${range.sMin} must be above 0 and below s_max ${range.sMax}`);
  }
  if (sources.length < 3 || sources.some(({ minSizes }) => minSizes.length !== 1)) {
    throw new RangeError('The formulas of SSD are for networks with one min size per map, and three maps at least.');
  }
  const sizes = sizesBy(formula, range, sources.length, inputScale(input));
  return {
    ...configuration,
    sources: sources.map((source, k) => ({
      ...source,
      minSizes: [sizes.min[k]],
      maxSizes: source.maxSizes.length > 0 ? [sizes.max[k]] : [],
    })),
  };
}

function sizesBy(formula: ScaleFormula, { sMin, sMax }: ScaleRange, sources: number, side: number) {
  if (formula === 'caffe') {
    const [minRatio, maxRatio] = [Math.round(100 * sMin), Math.round(100 * sMax)];
    return caffeSizes({ minRatio, maxRatio, first: [Math.floor(minRatio / 2), minRatio] }, sources, side);
  }
  const others = paperScales({ sMin, sMax }, sources - 1);
  const following = sMax + (sMax - sMin) / (sources - 2);
  const pixels = (scales: readonly number[]): number[] => scales.map((scale) => scale * side);
  return { min: pixels([sMin / 2, ...others]), max: pixels([...others, following]) };
}

/** Sizes cut to whole pixels, as Caffe since 2016-06 and mmdetection do (SPEC.md 2.2). */
export function inWholePixels(configuration: DefaultBoxConfiguration): DefaultBoxConfiguration {
  return {
    ...configuration,
    sources: configuration.sources.map((source) => ({
      ...source,
      minSizes: source.minSizes.map(wholePixels),
      maxSizes: source.maxSizes.map(wholePixels),
    })),
  };
}

const wholePixels = (size: number): number => Math.max(1, Math.trunc(size));
