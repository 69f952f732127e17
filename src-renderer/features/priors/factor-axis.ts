/** A logarithmic axis under a histogram of factors, with room for the default boxes that are marked along it. Pure. */
import type { BoxMark } from '@core/priors/histogram';

/** The values of one map's default boxes, ascending and each once. */
export interface Lane {
  readonly source: number;
  readonly values: readonly number[];
}

export function lanesOf(marks: readonly BoxMark[], read: (mark: BoxMark) => number): readonly Lane[] {
  const sources = [...new Set(marks.map(({ source }) => source))].sort((a, b) => a - b);
  return sources.map((source) => {
    const values = marks.filter((mark) => mark.source === source).map(read);
    const sorted = values.sort((a, b) => a - b);
    return { source, values: sorted.filter((value, i) => i === 0 || value > sorted[i - 1] * (1 + 1e-6)) };
  });
}

export interface LogAxis {
  /** Pixels from the left for a value. */
  at(value: number): number;
  /** Those of the values that lie on it, not closer than labels can be. */
  ticksOf(values: readonly number[]): readonly number[];
}

const LABEL_WIDTH = 34;

/** From the smallest to the largest of the edges and of the marks. */
export function logAxis(edges: readonly number[], lanes: readonly Lane[], width: number): LogAxis {
  const values = [...edges, ...lanes.flatMap((lane) => lane.values)].filter((value) => value > 0);
  const room = 2 ** 0.25;
  const low = Math.log2(Math.min(...values, Infinity) / room);
  const high = Math.log2(Math.max(...values, 0) * room);
  const known = high > low;
  const at = (value: number): number => (known ? ((Math.log2(value) - low) / (high - low)) * width : 0);
  return {
    at,
    ticksOf: (ticks) =>
      ticks
        .filter((tick) => known && Math.log2(tick) >= low && Math.log2(tick) <= high)
        .reduce<number[]>((kept, tick) => {
          const last = kept.at(-1);
          return last === undefined || at(tick) - at(last) >= LABEL_WIDTH ? [...kept, tick] : kept;
        }, []),
  };
}

/** How many of the values lie in each bin of ascending edges, from an edge to below the next; the ends take what lies beyond. */
export function countsIn(edges: readonly number[], values: readonly number[]): readonly number[] {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  if (counts.length === 0) return counts;
  const [first, step] = [Math.log2(edges[0]), Math.log2(edges[1] / edges[0])];
  for (const value of values) {
    if (!(value > 0)) continue;
    // The same rounding as the histogram's own: a value on an edge belongs to the bin above.
    const bin = Math.floor((Math.log2(value) - first) / step + 1e-6);
    counts[Math.min(counts.length - 1, Math.max(0, bin))]++;
  }
  return counts;
}
