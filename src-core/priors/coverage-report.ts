/** What a coverage says, summed up: shares, recall-versus-IoU curves, expected positives, and how objects and default boxes are spread. */
import type { Size } from '../geometry/convert';
import type { Coverage } from './coverage';
import type { SourceGrid } from './generate';
import { logHistogram, type BoxMark, type Histogram } from './histogram';
import { hasArea, type CoverageObjects } from './object-table';

/** The curves' IoUs are i / CURVE_STEPS for i from 0 to CURVE_STEPS. */
export const CURVE_STEPS = 100;

/** Some of the objects, and how well default boxes fit them. */
export interface ObjectGroup {
  readonly objects: number;
  /** With a default box of IoU >= threshold. */
  readonly matched: number;
  /** 0 without objects. */
  readonly meanBestIou: number;
  /** [CURVE_STEPS + 1] share of the objects whose best IoU is at least i / CURVE_STEPS; all 0 without objects. */
  readonly curve: readonly number[];
}

/** COCO's sizes (SPEC.md 11.2) in pixels of the network input: areas up to 32², up to 96², and above. */
export const INPUT_SIZES = ['small', 'medium', 'large'] as const;
export type InputSize = (typeof INPUT_SIZES)[number];

/** @param scale sqrt(w * h) in pixels of the network input */
export const inputSizeOf = (scale: number): InputSize => INPUT_SIZES[scale <= 32 ? 0 : scale <= 96 ? 1 : 2];

/** Upper ends of the groups by sqrt(box area / picture area), the last without one. */
export const RELATIVE_SIZES: readonly number[] = [0.05, 0.1, 0.2, 0.4];

export interface MapReport {
  /** Objects whose best default box is one of this map's. */
  readonly best: number;
  /** Of all objects, as if this map's default boxes were the only ones. */
  readonly alone: ObjectGroup;
  /** Default boxes that learn an object, per picture with objects. */
  readonly positivesPerPicture: number;
}

export interface CoverageReport {
  readonly threshold: number;
  readonly objects: number;
  /** Pictures with objects. */
  readonly pictures: number;
  /** As in `Coverage`: with a default box from the threshold on; only forced; none at all. They sum to the objects. */
  readonly matched: number;
  readonly forced: number;
  readonly unmatched: number;
  readonly sharing: number;
  readonly displaced: number;
  readonly all: ObjectGroup;
  /** By ascending class id. */
  readonly classes: readonly (ObjectGroup & { readonly classId: number })[];
  readonly inputSizes: readonly (ObjectGroup & { readonly size: InputSize })[];
  /** Scales from `from` to below `to`. */
  readonly relativeSizes: readonly (ObjectGroup & { readonly from: number; readonly to: number | null })[];
  readonly maps: readonly MapReport[];
  readonly positivesPerPicture: number;
  /** sqrt(w * h) of the objects in pixels of the network input. */
  readonly scales: Histogram;
  /** Width by height of the objects in the network input. */
  readonly ratios: Histogram;
  /** The default boxes of a cell of each map, to be marked in the histograms. */
  readonly marks: readonly BoxMark[];
}

export interface ReportObjects extends CoverageObjects {
  readonly classId: ArrayLike<number>;
}

export interface ReportSetting {
  /** Size of the network input in pixels, which every picture is stretched to. */
  readonly input: Size;
  readonly grids: readonly SourceGrid[];
  readonly threshold: number;
}

export function reportCoverage(coverage: Coverage, objects: ReportObjects, setting: ReportSetting): CoverageReport {
  return new CoverageReporter(objects, setting.input).report(coverage, setting);
}

/** For many coverages of the same objects: what their own sizes, shapes and classes say is worked out once. */
export class CoverageReporter {
  /** By ascending class id. */
  readonly #classIds: readonly number[];
  /** Per object: its position in the class ids, the input sizes and the relative sizes. */
  readonly #classOf: Uint32Array;
  readonly #inputSizeOf: Uint8Array;
  readonly #relativeSizeOf: Uint8Array;
  readonly #scales: Histogram;
  readonly #ratios: Histogram;

  constructor(
    objects: ReportObjects,
    readonly input: Size,
  ) {
    const count = objects.x1.length;
    const classIds = [...new Set(Array.from(objects.classId))].sort((a, b) => a - b);
    const position = new Map(classIds.map((id, at) => [id, at]));
    this.#classIds = classIds;
    this.#classOf = new Uint32Array(count);
    this.#inputSizeOf = new Uint8Array(count);
    this.#relativeSizeOf = new Uint8Array(count);
    const sizes = new Float64Array(count);
    const ratios = new Float64Array(count);
    const diagonal = Math.sqrt(input.width * input.height);
    for (let i = 0; i < count; i++) {
      const whole = hasArea(objects, i);
      const width = whole ? objects.x2[i] - objects.x1[i] : 0;
      const height = whole ? objects.y2[i] - objects.y1[i] : 0;
      const scale = Math.sqrt(width * height);
      sizes[i] = scale * diagonal;
      ratios[i] = whole ? (width * input.width) / (height * input.height) : 0;
      let group = 0;
      while (group < RELATIVE_SIZES.length && scale >= RELATIVE_SIZES[group]) group++;
      this.#classOf[i] = position.get(objects.classId[i])!;
      this.#inputSizeOf[i] = INPUT_SIZES.indexOf(inputSizeOf(sizes[i]));
      this.#relativeSizeOf[i] = group;
    }
    this.#scales = logHistogram(sizes);
    this.#ratios = logHistogram(ratios);
  }

  report(coverage: Coverage, { grids, threshold }: Pick<ReportSetting, 'grids' | 'threshold'>): CoverageReport {
    const { bestIou, bestSource, images } = coverage;
    const count = bestIou.length;
    const counters = (groups: number) => Array.from({ length: groups }, () => new GroupCounter(threshold));
    const [all] = counters(1);
    const classes = counters(this.#classIds.length);
    const inputSizes = counters(INPUT_SIZES.length);
    const relativeSizes = counters(RELATIVE_SIZES.length + 1);
    const bestOf = new Array<number>(grids.length).fill(0);
    for (let i = 0; i < count; i++) {
      const iou = bestIou[i];
      const level = levelOf(iou);
      all.add(iou, level);
      classes[this.#classOf[i]].add(iou, level);
      inputSizes[this.#inputSizeOf[i]].add(iou, level);
      relativeSizes[this.#relativeSizeOf[i]].add(iou, level);
      if (bestSource[i] >= 0) bestOf[bestSource[i]]++;
    }
    const perPicture = (positives: number): number => (images === 0 ? 0 : positives / images);
    return {
      threshold,
      objects: count,
      pictures: images,
      matched: coverage.matched,
      forced: coverage.forced,
      unmatched: coverage.unmatched,
      sharing: coverage.sharing,
      displaced: coverage.displaced,
      all: all.result(),
      classes: this.#classIds.map((classId, at) => ({ classId, ...classes[at].result() })),
      inputSizes: INPUT_SIZES.map((size, at) => ({ size, ...inputSizes[at].result() })),
      relativeSizes: relativeSizes.map((counter, i) => ({
        from: i === 0 ? 0 : RELATIVE_SIZES[i - 1],
        to: RELATIVE_SIZES[i] ?? null,
        ...counter.result(),
      })),
      maps: coverage.sourceIou.map((iou, k) => ({
        best: bestOf[k],
        alone: groupOf(iou, threshold),
        positivesPerPicture: perPicture(coverage.positivesPerSource[k]),
      })),
      positivesPerPicture: perPicture(coverage.positivesPerSource.reduce((sum, value) => sum + value, 0)),
      scales: this.#scales,
      ratios: this.#ratios,
      marks: grids.flatMap((grid, source) => marksOf(grid, source, this.input)),
    };
  }
}

/** One group of all objects with these best IoUs. */
export function groupOf(bestIou: ArrayLike<number>, threshold: number): ObjectGroup {
  const counter = new GroupCounter(threshold);
  for (let i = 0; i < bestIou.length; i++) counter.add(bestIou[i], levelOf(bestIou[i]));
  return counter.result();
}

class GroupCounter {
  #sum = 0;
  #matched = 0;
  #objects = 0;
  readonly #atLevel = new Int32Array(CURVE_STEPS + 1);

  constructor(private readonly threshold: number) {}

  add(iou: number, level: number): void {
    this.#objects++;
    this.#sum += iou;
    if (iou >= this.threshold) this.#matched++;
    this.#atLevel[level]++;
  }

  result(): ObjectGroup {
    const objects = this.#objects;
    const curve = new Array<number>(CURVE_STEPS + 1).fill(0);
    let reached = 0;
    for (let level = CURVE_STEPS; level >= 0; level--) {
      reached += this.#atLevel[level];
      curve[level] = objects === 0 ? 0 : reached / objects;
    }
    return { objects, matched: this.#matched, meanBestIou: objects === 0 ? 0 : this.#sum / objects, curve };
  }
}

/** The largest i with i / CURVE_STEPS <= iou, whatever the multiplication rounds to. */
function levelOf(iou: number): number {
  let level = Math.min(CURVE_STEPS, Math.floor(iou * CURVE_STEPS));
  if (level < CURVE_STEPS && (level + 1) / CURVE_STEPS <= iou) level++;
  if (level > 0 && level / CURVE_STEPS > iou) level--;
  return level;
}

function marksOf({ shapes, boxesPerCell }: SourceGrid, source: number, input: Size): BoxMark[] {
  return Array.from({ length: boxesPerCell }, (_, b) => {
    const width = shapes[2 * b] * input.width;
    const height = shapes[2 * b + 1] * input.height;
    return { source, width, height, scale: Math.sqrt(width * height), ratio: width / height };
  });
}
