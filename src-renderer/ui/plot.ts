/** The arithmetic of a line chart: scales, round ticks, thinning. Pure. */

export interface PlotSeries {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  /** [x, y] in order of x; a point that is not finite breaks the line. */
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
  /** A pattern of dashes of its own, as SVG's stroke-dasharray: where colours alone would have to tell series apart. */
  readonly dash?: string;
  /** Dots at the points: for few values. */
  readonly dots?: boolean;
  /** Fill down to the axis. */
  readonly area?: boolean;
}

/** SVG's stroke-dasharray of a series; null: a solid line. */
export const dashOf = ({ dash, dashed }: PlotSeries): string | null => dash ?? (dashed ? '5 4' : null);

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The smallest range that holds all finite values; a single value gets room on both sides; [0, 1] for none. */
export function rangeOf(values: Iterable<number>): Range {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return { min: 0, max: 1 };
  if (min === max) return { min: min - (Math.abs(min) || 1) * 0.1, max: max + (Math.abs(max) || 1) * 0.1 };
  return { min, max };
}

/** Round values of 1, 2 or 5 times a power of ten inside the range, about `count` of them. */
export function ticks({ min, max }: Range, count: number): readonly number[] {
  const rough = (max - min) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [min];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough * 0.75) ?? 10) * power;
  const found: number[] = [];
  for (let k = Math.ceil(min / step - 1e-9); k * step <= max + step * 1e-9; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/** Powers of ten inside a range of decimal logarithms, about `count` of them at most; where they are few, also twice and five times each. */
export function logTicks({ min, max }: Range, count: number): readonly number[] {
  const every = Math.max(1, Math.ceil((max - min) / Math.max(1, count)));
  const parts = max - min < count / 3 ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = Math.floor(min / every) * every; power <= max; power += every) {
    found.push(...parts.map((part) => Number((part * 10 ** power).toPrecision(12))));
  }
  return found.filter((tick) => Math.log10(tick) >= min - 1e-9 && Math.log10(tick) <= max + 1e-9);
}

/** At most about two points for each of `columns` columns: the lowest and the highest, so that no peak is lost. */
export function thin(points: PlotSeries['points'], columns: number): PlotSeries['points'] {
  if (points.length <= 2 * columns) return points;
  const perColumn = points.length / columns;
  const kept: (readonly [number, number])[] = [];
  for (let column = 0; column < columns; column++) {
    const part = points.slice(Math.floor(column * perColumn), Math.floor((column + 1) * perColumn));
    const [first] = part;
    if (!first) continue;
    let [low, high] = [first, first];
    for (const point of part) {
      if (point[1] < low[1]) low = point;
      if (point[1] > high[1]) high = point;
    }
    kept.push(...(low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]));
  }
  const last = points[points.length - 1];
  if (last && kept[kept.length - 1] !== last) kept.push(last);
  return kept;
}

/** The index of the point whose x is nearest; -1 without points. */
export function nearest(points: PlotSeries['points'], x: number): number {
  let [low, high] = [0, points.length - 1];
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) <= x) low = middle;
    else high = middle;
  }
  const [a, b] = [points[low]?.[0] ?? 0, points[high]?.[0] ?? 0];
  return Math.abs(x - a) <= Math.abs(b - x) ? low : high;
}
