/** Which of the missed objects are looked at: by class, size, shape, what matching does with them, map, or a bar of a histogram. */
import { INPUT_SIZES, type InputSize, inputSizeOf } from '@core/priors/coverage-report';
import type { MissedObjects } from '@core/priors/missed-objects';

/** Width by height: up to 1:3, up to 2:3, between, from 3:2, from 3:1. */
export const SHAPES = ['very tall', 'tall', 'squarish', 'wide', 'very wide'] as const;
export type Shape = (typeof SHAPES)[number];
const SHAPE_ENDS = [1 / 3, 2 / 3, 3 / 2, 3] as const;

/** What matching does with an object below the threshold. */
export const TREATMENTS = ['forced', 'none'] as const;
export type Treatment = (typeof TREATMENTS)[number];

/** From the first to below the second. */
export type Span = readonly [from: number, to: number];

export interface MissedFilter {
  readonly classId?: number;
  readonly size?: InputSize;
  readonly shape?: Shape;
  readonly by?: Treatment;
  /** The map of the best default box. */
  readonly map?: number;
  /** sqrt(w * h) in pixels of the network input. */
  readonly scale?: Span;
  /** Width by height. */
  readonly ratio?: Span;
}

export type Facet = 'classId' | 'size' | 'shape' | 'by' | 'map';
export type FacetCounts = { readonly [F in Facet]: ReadonlyMap<MissedFilter[F] & {}, number> };

export function shapeOf(ratio: number): Shape {
  const position = SHAPE_ENDS.findIndex((end, i) => (i < 2 ? ratio <= end : ratio < end));
  return SHAPES[position < 0 ? SHAPE_ENDS.length : position];
}

export interface Filtered {
  /** Positions in the columns of the missed objects, worst first. */
  readonly shown: readonly number[];
  /** How many there are of each choice of a facet, the other choices as they are. */
  readonly counts: FacetCounts;
}

/** @param classId of each object, by the positions in `missed.object` */
export function filterMissed(missed: MissedObjects, classId: ArrayLike<number>, filter: MissedFilter): Filtered {
  const shown: number[] = [];
  const counts = {
    classId: new Map<number, number>(),
    size: new Map<InputSize, number>(),
    shape: new Map<Shape, number>(),
    by: new Map<Treatment, number>(),
    map: new Map<number, number>(),
  };
  for (let i = 0; i < missed.object.length; i++) {
    const { width, height, source, forced } = missed;
    const scale = Math.sqrt(width[i] * height[i]);
    const ratio = height[i] > 0 ? width[i] / height[i] : 1;
    if (!within(scale, filter.scale) || !within(ratio, filter.ratio)) continue;
    const object = {
      classId: classId[missed.object[i]],
      size: inputSizeOf(scale),
      shape: shapeOf(ratio),
      by: TREATMENTS[forced[i] === 1 ? 0 : 1],
      map: source[i],
    };
    const passes = (facet: Facet): boolean => filter[facet] === undefined || filter[facet] === object[facet];
    const failed = FACETS.filter((facet) => !passes(facet));
    if (failed.length === 0) shown.push(i);
    if (failed.length > 1) continue;
    const counted = failed.length === 0 ? FACETS : failed;
    if (counted.includes('classId')) increment(counts.classId, object.classId);
    if (counted.includes('size')) increment(counts.size, object.size);
    if (counted.includes('shape')) increment(counts.shape, object.shape);
    if (counted.includes('by')) increment(counts.by, object.by);
    if (counted.includes('map') && object.map >= 0) increment(counts.map, object.map);
  }
  return { shown, counts };
}

const FACETS: readonly Facet[] = ['classId', 'size', 'shape', 'by', 'map'];

const within = (value: number, span: Span | undefined): boolean => !span || (value >= span[0] && value < span[1]);

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Names in the address; other parameters are left alone. */
const NAMES = {
  classId: 'class',
  size: 'size',
  shape: 'shape',
  by: 'by',
  map: 'best',
  scale: 'scale',
  ratio: 'ratio',
} as const satisfies Record<keyof MissedFilter, string>;

/** The parameters of an address with this filter instead of theirs. */
export function withFilter(
  parameters: Readonly<Record<string, string>>,
  filter: MissedFilter,
): Readonly<Record<string, string>> {
  const own: readonly string[] = Object.values(NAMES);
  const others = Object.entries(parameters).filter(([name]) => !own.includes(name));
  const text = (value: string | number | Span): string =>
    typeof value === 'object' ? value.map((end) => Number(end.toPrecision(8))).join('-') : String(value);
  const chosen = Object.entries(filter).flatMap(([key, value]: [string, string | number | Span | undefined]) =>
    value === undefined ? [] : [[NAMES[key as keyof MissedFilter], text(value)]],
  );
  return Object.fromEntries([...others, ...chosen]);
}

/** What an address asks for; what it says wrongly is left out. */
export function filterOf(parameters: Readonly<Record<string, string>>): MissedFilter {
  const read = (key: keyof MissedFilter): string | undefined => parameters[NAMES[key]];
  const filter = {
    classId: wholeNumber(read('classId')),
    size: INPUT_SIZES.find((size) => size === read('size')),
    shape: SHAPES.find((shape) => shape === read('shape')),
    by: TREATMENTS.find((treatment) => treatment === read('by')),
    map: wholeNumber(read('map')),
    scale: spanOf(read('scale')),
    ratio: spanOf(read('ratio')),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

function spanOf(text: string | undefined): Span | undefined {
  const ends = /^([\d.]+)-([\d.]+|Infinity)$/.exec(text ?? '');
  if (!ends) return undefined;
  const [from, to] = [Number(ends[1]), Number(ends[2])];
  return to > from ? [from, to] : undefined;
}
