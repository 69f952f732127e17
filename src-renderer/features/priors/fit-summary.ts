/** How well default boxes fit the project's objects, as the Fit panel says it. */
import type { ObjectColumns } from '@core/contract/images';
import type { Coverage } from '@core/priors/coverage';

export interface ClassFit {
  readonly classId: number;
  readonly objects: number;
  readonly matched: number;
}

export interface FitSummary {
  readonly objects: number;
  /** Objects with a default box of at least the threshold. */
  readonly matched: number;
  /** Objects that only get their best box, below the threshold. */
  readonly forced: number;
  /** Objects that touch no default box. */
  readonly unmatched: number;
  readonly classes: readonly ClassFit[];
  /** Objects by best IoU, in bins of equal width from 0 to 1. */
  readonly histogram: readonly number[];
  /** Mean over the objects; 0 without any. */
  readonly meanIou: number;
  /** Default boxes that learn an object, per picture with objects, on each source. */
  readonly positivesPerSource: readonly number[];
}

const BINS = 20;

export function summarise(
  coverage: Coverage,
  { classId }: Pick<ObjectColumns, 'classId'>,
  threshold: number,
): FitSummary {
  const histogram = new Array<number>(BINS).fill(0);
  const classes = new Map<number, { objects: number; matched: number }>();
  let sum = 0;
  coverage.bestIou.forEach((iou, object) => {
    sum += iou;
    histogram[Math.min(BINS - 1, Math.floor(iou * BINS))]++;
    const known = classes.get(classId[object]) ?? { objects: 0, matched: 0 };
    known.objects++;
    if (iou >= threshold) known.matched++;
    classes.set(classId[object], known);
  });
  const objects = coverage.bestIou.length;
  return {
    objects,
    matched: coverage.matched,
    forced: coverage.forced,
    unmatched: coverage.unmatched,
    classes: [...classes].map(([id, counts]) => ({ classId: id, ...counts })).sort((a, b) => a.classId - b.classId),
    histogram,
    meanIou: objects === 0 ? 0 : sum / objects,
    positivesPerSource: coverage.positivesPerSource.map((count) =>
      coverage.images === 0 ? 0 : count / coverage.images,
    ),
  };
}

export const matchedShare = (fit: Pick<FitSummary, 'objects' | 'matched'>): number =>
  fit.objects === 0 ? 0 : fit.matched / fit.objects;
