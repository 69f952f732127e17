/**
 * An evaluation report read at a confidence threshold: which detections count, which ground truths they find, precision and
 * recall. The verdicts of the report hold at every threshold, because matching goes down the scores, VOC's and COCO's
 * alike: what is left out comes after what is kept.
 */
import type { EvaluatedImage, EvaluationReport } from '@core/evaluation/report';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { inclusivePixelIou } from '@core/geometry/overlap';

export interface Counts {
  readonly truePositives: number;
  readonly falsePositives: number;
  /** Ground truths that are not difficult and that no kept detection finds. */
  readonly missed: number;
}

export interface OperatingPoint extends Counts {
  /** Null: nothing detected. */
  readonly precision: number | null;
  /** Null: nothing to find. */
  readonly recall: number | null;
}

export type Outcome = 'true positive' | 'false positive' | 'missed' | 'found' | 'ignored';

/** A box of the gallery: a detection that counts at the threshold, or a ground truth. */
export interface OutcomeBox {
  /** The same at every threshold. */
  readonly id: string;
  readonly kind: 'detection' | 'truth';
  readonly outcome: Outcome;
  readonly classIndex: number;
  readonly score: number | null;
  readonly box: CornerBox<ImagePx>;
  /** The default box of a detection; null for ground truths, and for detections of reports that do not say it. */
  readonly prior: number | null;
}

const NOTHING: Counts = { truePositives: 0, falsePositives: 0, missed: 0 };

/** Precision and recall over the pictures at the threshold; `classIndex` null: all classes together. */
export function operatingPoint(
  images: readonly EvaluatedImage[],
  threshold: number,
  classIndex: number | null = null,
): OperatingPoint {
  const total = images.reduce((sum, image) => addCounts(sum, countsOf(image, threshold, classIndex)), NOTHING);
  const kept = total.truePositives + total.falsePositives;
  const truths = total.truePositives + total.missed;
  return {
    ...total,
    precision: kept === 0 ? null : total.truePositives / kept,
    recall: truths === 0 ? null : total.truePositives / truths,
  };
}

export function countsOf(image: EvaluatedImage, threshold: number, classIndex: number | null = null): Counts {
  const wanted = (each: { readonly classIndex: number }) => classIndex === null || each.classIndex === classIndex;
  const kept = image.detections.filter((each) => each.score >= threshold && wanted(each));
  const truePositives = kept.filter((each) => each.verdict === 'true positive').length;
  const truths = image.groundTruths.filter((each) => !each.difficult && wanted(each)).length;
  return {
    truePositives,
    falsePositives: kept.filter((each) => each.verdict === 'false positive').length,
    missed: Math.max(0, truths - truePositives),
  };
}

const addCounts = (a: Counts, b: Counts): Counts => ({
  truePositives: a.truePositives + b.truePositives,
  falsePositives: a.falsePositives + b.falsePositives,
  missed: a.missed + b.missed,
});

/** Every box of a picture at the threshold with its outcome: ground truths first, so that detections are drawn over them. */
export function outcomesOf(image: EvaluatedImage, threshold: number): readonly OutcomeBox[] {
  const kept = image.detections.filter((each) => each.score >= threshold);
  const found = new Set<number>();
  for (const detection of kept) {
    if (detection.verdict !== 'true positive') continue;
    const truth = detection.object ?? bestTruth(image, detection);
    if (truth !== null) found.add(truth);
  }
  const truths = image.groundTruths.map((truth, index): OutcomeBox => {
    const outcome = truth.difficult ? 'ignored' : found.has(index) ? 'found' : 'missed';
    const { classIndex, box } = truth;
    return { id: `object ${index}`, kind: 'truth', outcome, classIndex, score: null, box, prior: null };
  });
  const detections = kept.map((each, index): OutcomeBox => ({
    id: `detection ${index}`,
    kind: 'detection',
    outcome: each.verdict,
    classIndex: each.classIndex,
    score: each.score,
    box: each.box,
    prior: each.prior ?? null,
  }));
  return [...truths, ...detections];
}

/**
 * For reports of version 0.1, which do not name the object: the one of its class that a detection overlaps most, with which VOC
 * compares it (SPEC.md 11.1).
 */
function bestTruth(image: EvaluatedImage, detection: EvaluatedImage['detections'][number]): number | null {
  let best: number | null = null;
  let bestOverlap = -1;
  image.groundTruths.forEach((truth, index) => {
    if (truth.classIndex !== detection.classIndex) return;
    const overlap = inclusivePixelIou(truth.box, detection.box);
    if (overlap > bestOverlap) {
      best = index;
      bestOverlap = overlap;
    }
  });
  return best;
}

export type GalleryOrder = 'errors' | 'pictures';
export type GalleryFilter = 'all' | 'false positive' | 'missed';

export interface GalleryEntry {
  readonly image: EvaluatedImage;
  readonly counts: Counts;
}

/** The pictures of a report as the gallery shows them at a threshold, narrowed to those with an error of one kind if asked. */
export function galleryOf(
  report: EvaluationReport,
  threshold: number,
  order: GalleryOrder,
  filter: GalleryFilter,
  classIndex: number | null = null,
): readonly GalleryEntry[] {
  const entries = report.images
    .map((image) => ({ image, counts: countsOf(image, threshold, classIndex) }))
    .filter(({ counts }) =>
      filter === 'false positive' ? counts.falsePositives > 0 : filter === 'missed' ? counts.missed > 0 : true,
    );
  if (order === 'pictures') return entries;
  const errors = ({ counts }: GalleryEntry) => counts.falsePositives + counts.missed;
  return [...entries].sort((a, b) => errors(b) - errors(a) || a.image.imageId - b.image.imageId);
}

/**
 * The threshold at which precision and recall of all classes together have the highest F1, on a grid of hundredths: the highest
 * of equals, 0.5 when nothing is right at any.
 */
export function bestThreshold(images: readonly EvaluatedImage[]): number {
  let best = 0.5;
  let bestF1 = 0;
  for (let hundredth = 5; hundredth < 100; hundredth++) {
    const { precision, recall } = operatingPoint(images, hundredth / 100);
    const f1 = precision && recall ? (2 * precision * recall) / (precision + recall) : 0;
    if (f1 > 0 && f1 >= bestF1) {
      best = hundredth / 100;
      bestF1 = f1;
    }
  }
  return best;
}

/** The point of a class's curve at a threshold: the last detection that is kept; null when none is. */
export function curvePoint<T extends { readonly score: number }>(curve: readonly T[], threshold: number): T | null {
  return curve.reduce<T | null>((last, point) => (point.score >= threshold ? point : last), null);
}
