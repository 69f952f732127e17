/** Pictures as an evaluation goes through them, and what a report keeps of them; the same for every metric. */
import type { CornerBox, ImagePx } from '../geometry/box';
import type { PrecisionRecall } from './average-precision';
import type { ClassResult, Detection, EvaluatedImage, Verdict } from './report';

export interface GroundTruth {
  /** Position in the class list from 0, as in `Detection`. */
  readonly classIndex: number;
  readonly box: CornerBox<ImagePx>;
  readonly difficult: boolean;
  /** A region of many: no single object that could be found, neither hit nor miss in any metric. */
  readonly crowd?: boolean;
}

/** A picture with its objects and what a detector found in it, in any order of score. */
export interface EvaluationImage {
  readonly imageId: number;
  readonly groundTruths: readonly GroundTruth[];
  readonly detections: readonly Detection[];
}

export interface RankedDetection {
  readonly image: number;
  readonly index: number;
  readonly score: number;
}

/** How a detection was judged, and which object of its picture made it a true positive. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly object?: number;
}

const CURVE_POINTS = 200;
/** Weaker detections count in the precision but are not shown with their picture. */
const SHOWN_SCORE = 0.05;

/** All detections of each class, best first; equal scores stay in the order of the pictures and of their lists. */
export function rankByClass(images: readonly EvaluationImage[], classes: number): RankedDetection[][] {
  const rankings = Array.from({ length: classes }, (): RankedDetection[] => []);
  images.forEach(({ detections }, image) =>
    detections.forEach(({ classIndex, score }, index) => rankings[classIndex]?.push({ image, index, score })),
  );
  for (const ranking of rankings) ranking.sort((a, b) => b.score - a.score);
  return rankings;
}

/**
 * @param judgements per detection of the picture
 * @param found per object, whether any detection was matched with it
 * @param isIgnored the objects that are not to be found
 */
export function evaluatedImage(
  image: EvaluationImage,
  judgements: readonly Judgement[],
  found: readonly boolean[],
  isIgnored: (object: GroundTruth) => boolean,
): EvaluatedImage {
  return {
    imageId: image.imageId,
    detections: image.detections
      .map((detection, i) => ({ ...detection, ...judgements[i] }))
      .filter(({ score }) => score >= SHOWN_SCORE)
      .sort((a, b) => b.score - a.score),
    groundTruths: image.groundTruths.map((object, i) => ({
      classIndex: object.classIndex,
      box: object.box,
      difficult: isIgnored(object),
      found: found[i],
    })),
  };
}

/** At most 200 points, evenly along the ranking, the first and the last among them. */
export function thinned({ recall, precision }: PrecisionRecall, scores: readonly number[]): ClassResult['curve'] {
  const points = Math.min(CURVE_POINTS, scores.length);
  return Array.from({ length: points }, (_, p) => {
    const i = points === 1 ? 0 : Math.round((p * (scores.length - 1)) / (points - 1));
    return { recall: recall[i], precision: precision[i], score: scores[i] };
  });
}
