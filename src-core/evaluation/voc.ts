/** PASCAL VOC evaluation of detections against ground truth (SPEC.md 11.1). */
import type { CornerBox, ImagePx } from '../geometry/box';
import { inclusivePixelIou, iou } from '../geometry/overlap';
import {
  allPointAveragePrecision,
  elevenPointAveragePrecision,
  precisionRecall,
  type PrecisionRecall,
} from './average-precision';
import type { ClassResult, Detection, EvaluatedImage, EvaluationReport, Verdict, VocMetric } from './report';

export interface GroundTruth {
  /** Position in the class list from 0, as in `Detection`. */
  readonly classIndex: number;
  readonly box: CornerBox<ImagePx>;
  readonly difficult: boolean;
}

/** A picture with its objects and what a detector found in it, in any order of score. */
export interface EvaluationImage {
  readonly imageId: number;
  readonly groundTruths: readonly GroundTruth[];
  readonly detections: readonly Detection[];
}

/** Where tools differ. */
export interface VocConvention {
  /** `inclusive`: corners are pixel positions, sizes count one more (devkit; boxes as VOC files have them). `continuous`: no +1. */
  readonly pixels: 'inclusive' | 'continuous';
  /** An IoU of exactly the threshold: found (devkit, Caffe) or not (Python ports). */
  readonly atThreshold: 'found' | 'missed';
  readonly elevenPointThresholds: 'numpy' | 'exact';
  /** Difficult objects: detections of them are neither right nor wrong (devkit), or they are objects like all others. */
  readonly difficult: 'ignored' | 'counted';
}

export const DEVKIT: VocConvention = {
  pixels: 'inclusive',
  atThreshold: 'found',
  elevenPointThresholds: 'numpy',
  difficult: 'ignored',
};

export interface VocEvaluation {
  readonly classNames: readonly string[];
  /** Pictures in a fixed order: it decides between equal scores. */
  readonly images: readonly EvaluationImage[];
  readonly metric: VocMetric;
  readonly iouThreshold?: number;
  readonly convention?: VocConvention;
}

export type VocResult = Pick<
  EvaluationReport,
  'metric' | 'iouThreshold' | 'meanAveragePrecision' | 'classes' | 'imageCount' | 'images'
>;

const CURVE_POINTS = 200;
/** Weaker detections count in the precision but are not shown with their picture. */
const SHOWN_SCORE = 0.05;

/**
 * Per class over all pictures, best score first: a detection is compared with the one object of its class that it overlaps most.
 * Enough overlap with an object not found before is a true positive, with one already found or too little a false positive;
 * with a difficult object neither, unless the convention counts those.
 */
export function evaluateVoc({
  classNames,
  images,
  metric,
  iouThreshold = 0.5,
  convention = DEVKIT,
}: VocEvaluation): VocResult {
  const verdicts = images.map(({ detections }) => detections.map((): Verdict => 'false positive'));
  const found = images.map(({ groundTruths }) => groundTruths.map(() => false));
  const overlap = convention.pixels === 'inclusive' ? inclusivePixelIou : iou;
  const isIgnored = ({ difficult }: GroundTruth): boolean => difficult && convention.difficult === 'ignored';
  const reaches = (value: number): boolean =>
    convention.atThreshold === 'found' ? value >= iouThreshold : value > iouThreshold;
  const classes = rankByClass(images, classNames.length).map((ranking, classIndex) =>
    evaluateClass(ranking, classIndex),
  );
  const averages = classes.flatMap(({ averagePrecision }) => (averagePrecision === null ? [] : [averagePrecision]));
  return {
    metric,
    iouThreshold,
    meanAveragePrecision: averages.length === 0 ? null : averages.reduce((sum, ap) => sum + ap, 0) / averages.length,
    classes,
    imageCount: images.length,
    images: images.map((image, i) => evaluatedImage(image, verdicts[i], found[i])),
  };

  function evaluateClass(ranking: readonly RankedDetection[], classIndex: number): ClassResult {
    const groundTruths = countObjects(images, (object) => object.classIndex === classIndex && !isIgnored(object));
    const hits: number[] = [];
    const scores: number[] = [];
    for (const { image, index } of ranking) {
      const verdict = judge(image, images[image].detections[index]);
      verdicts[image][index] = verdict;
      if (verdict === 'ignored') continue;
      hits.push(verdict === 'true positive' ? 1 : 0);
      scores.push(images[image].detections[index].score);
    }
    const curve = precisionRecall(hits, groundTruths);
    return {
      className: classNames[classIndex],
      averagePrecision: groundTruths === 0 ? null : averagePrecision(curve),
      groundTruths,
      detections: ranking.length,
      curve: groundTruths === 0 ? [] : thinned(curve, scores),
    };
  }

  function judge(image: number, detection: Detection): Verdict {
    const { groundTruths } = images[image];
    let nearest = -1;
    let largest = 0;
    groundTruths.forEach((object, i) => {
      if (object.classIndex !== detection.classIndex) return;
      const value = overlap(detection.box, object.box);
      if (value > largest) {
        largest = value;
        nearest = i;
      }
    });
    if (nearest < 0 || !reaches(largest)) return 'false positive';
    const first = !found[image][nearest];
    found[image][nearest] = true;
    if (isIgnored(groundTruths[nearest])) return 'ignored';
    return first ? 'true positive' : 'false positive';
  }

  function averagePrecision(curve: PrecisionRecall): number {
    return metric === 'voc'
      ? allPointAveragePrecision(curve)
      : elevenPointAveragePrecision(curve, convention.elevenPointThresholds);
  }
}

interface RankedDetection {
  readonly image: number;
  readonly index: number;
  readonly score: number;
}

/** All detections of each class, best first; equal scores stay in the order of the pictures and of their lists. */
function rankByClass(images: readonly EvaluationImage[], classes: number): RankedDetection[][] {
  const rankings = Array.from({ length: classes }, (): RankedDetection[] => []);
  images.forEach(({ detections }, image) =>
    detections.forEach(({ classIndex, score }, index) => rankings[classIndex]?.push({ image, index, score })),
  );
  for (const ranking of rankings) ranking.sort((a, b) => b.score - a.score);
  return rankings;
}

function countObjects(images: readonly EvaluationImage[], counts: (object: GroundTruth) => boolean): number {
  let count = 0;
  for (const { groundTruths } of images) for (const object of groundTruths) if (counts(object)) count++;
  return count;
}

function evaluatedImage(
  image: EvaluationImage,
  verdicts: readonly Verdict[],
  found: readonly boolean[],
): EvaluatedImage {
  return {
    imageId: image.imageId,
    detections: image.detections
      .map((detection, i) => ({ ...detection, verdict: verdicts[i] }))
      .filter(({ score }) => score >= SHOWN_SCORE)
      .sort((a, b) => b.score - a.score),
    groundTruths: image.groundTruths.map(({ classIndex, box, difficult }, i) => ({
      classIndex,
      box,
      difficult,
      found: found[i],
    })),
  };
}

/** At most 200 points, evenly along the ranking, the first and the last among them. */
function thinned({ recall, precision }: PrecisionRecall, scores: readonly number[]): ClassResult['curve'] {
  const points = Math.min(CURVE_POINTS, scores.length);
  return Array.from({ length: points }, (_, p) => {
    const i = points === 1 ? 0 : Math.round((p * (scores.length - 1)) / (points - 1));
    return { recall: recall[i], precision: precision[i], score: scores[i] };
  });
}
