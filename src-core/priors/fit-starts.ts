/** Where a search for default boxes begins: sizes spread over the sizes of the objects. */
import type { Size } from '../geometry/convert';
import type { SourceLimits } from './box-limits';
import type { DefaultBoxConfiguration } from './configuration';
import type { CoverageObjects } from './object-table';
import { inputScale, withScales } from './scales';

const STEPS_PER_AXIS = 12;

/** s_min from well below the small objects to the median, s_max from the median to well above the large ones; even in the log. */
export function candidateRanges(objects: CoverageObjects): { readonly sMin: number; readonly sMax: number }[] {
  const scales = sortedScales(objects);
  const quantile = (q: number): number => scales[Math.round(q * (scales.length - 1))];
  const lows = geometric(Math.max(0.01, quantile(0.02) * 0.5), Math.max(0.012, quantile(0.5)));
  const highs = geometric(Math.max(0.02, quantile(0.5)), Math.min(1.2, quantile(0.98) * 2));
  return lows.flatMap((sMin) => highs.filter((sMax) => sMax > 1.05 * sMin).map((sMax) => ({ sMin, sMax })));
}

/** The configuration with its sizes spread from each s_min to each s_max that may suit the objects. */
export function linkedStarts(
  configuration: DefaultBoxConfiguration,
  objects: CoverageObjects,
  input: Size,
): DefaultBoxConfiguration[] {
  if (objects.x1.length === 0) return [];
  return candidateRanges(objects).map((range) => withScales(configuration, range, input));
}

/** The min sizes at even shares of the objects' sizes, as far as their maps allow; max sizes keep their proportion. */
export function quantileStart(
  configuration: DefaultBoxConfiguration,
  objects: CoverageObjects,
  limits: readonly SourceLimits[],
  input: Size,
): DefaultBoxConfiguration {
  const scales = sortedScales(objects);
  const count = configuration.sources.reduce((sum, { minSizes }) => sum + minSizes.length, 0);
  if (scales.length === 0) return configuration;
  let next = 0;
  let last = 0;
  return {
    ...configuration,
    sources: configuration.sources.map((source, k) => {
      const minSizes = source.minSizes.map(() => {
        const wanted = scales[Math.floor(((next++ + 0.5) / count) * scales.length)] * inputScale(input);
        last = Math.max(last, Math.min(wanted, limits[k].minSize));
        return last;
      });
      return {
        ...source,
        minSizes,
        maxSizes: source.maxSizes.map((max, i) => (max / source.minSizes[i]) * minSizes[i]),
      };
    }),
  };
}

function sortedScales({ x1, y1, x2, y2 }: CoverageObjects): Float64Array {
  return Float64Array.from({ length: x1.length }, (_, i) => Math.sqrt((x2[i] - x1[i]) * (y2[i] - y1[i]))).sort();
}

function geometric(low: number, high: number): number[] {
  return Array.from({ length: STEPS_PER_AXIS }, (_, i) => low * (high / low) ** (i / (STEPS_PER_AXIS - 1)));
}
