/**
 * COCO's evaluation of pictures for a report: the twelve numbers, and at an IoU of 0.5 the curves and the verdict on every
 * detection (SPEC.md 11.2).
 *
 * Difficult objects are to be found like all others: COCO knows crowds alone, and what a converted file calls `ignore` is
 * overwritten by `iscrowd` in pycocotools (SPEC.md 11.2, step 1). The studio's numbers are those that the official tool gives
 * of the same objects. A crowd is neither hit nor miss. The area of an object is that of its box.
 */
import type { CornerBox, ImagePx } from '../geometry/box';
import { iou } from '../geometry/overlap';
import { precisionRecall } from './average-precision';
import { evaluateCoco } from './coco';
import { MAX_DETECTIONS } from './coco-match';
import { evaluatedImage, rankByClass, thinned } from './pictures';
import type { EvaluationImage, GroundTruth, Judgement } from './pictures';
import type { ClassResult, EvaluationReport } from './report';
import { evaluationTables } from './picture-tables';

/** Of the curves and verdicts. */
const IOU = 0.5;

export type CocoReport = Pick<
  EvaluationReport,
  'metric' | 'iouThreshold' | 'meanAveragePrecision' | 'coco' | 'classes' | 'imageCount' | 'images'
>;

/** @param images pictures in a fixed order: it decides between equal scores */
export function evaluateCocoReport(classNames: readonly string[], images: readonly EvaluationImage[]): CocoReport {
  const { summary, categories } = evaluateCoco(evaluationTables(images, classNames));
  const judged = images.map((image) => judgePicture(image, classNames.length));
  const classes = rankByClass(images, classNames.length).map((ranking, classIndex): ClassResult => {
    const counted = ranking.filter(({ image, index }) => judged[image].judgements[index].verdict !== 'ignored');
    const hits = counted.map(({ image, index }) =>
      judged[image].judgements[index].verdict === 'true positive' ? 1 : 0,
    );
    const { groundTruths, detections, className, summary: coco } = categories[classIndex];
    const scores = counted.map(({ score }) => score);
    return {
      className,
      averagePrecision: groundTruths === 0 ? null : coco.AP,
      groundTruths,
      detections,
      curve: groundTruths === 0 ? [] : thinned(precisionRecall(hits, groundTruths), scores),
      coco,
    };
  });
  return {
    metric: 'coco',
    iouThreshold: IOU,
    meanAveragePrecision: summary.AP < 0 ? null : summary.AP,
    coco: summary,
    classes,
    imageCount: images.length,
    images: images.map((image, i) => evaluatedImage(image, judged[i].judgements, judged[i].found, isCrowd)),
  };
}

const isCrowd = ({ crowd }: GroundTruth): boolean => crowd === true;

interface JudgedPicture {
  readonly judgements: readonly Judgement[];
  readonly found: readonly boolean[];
}

/** Best first, each detection takes the object left that it overlaps most, a crowd only where there is none; at most 100 a class. */
function judgePicture({ groundTruths, detections }: EvaluationImage, classes: number): JudgedPicture {
  const judgements = detections.map((): Judgement => ({ verdict: 'ignored' }));
  const found = groundTruths.map(() => false);
  const byScore = detections.map((_, i) => i).sort((a, b) => detections[b].score - detections[a].score);
  const seen = new Uint32Array(classes);
  for (const d of byScore) {
    const { classIndex, box } = detections[d];
    if (classIndex >= classes || ++seen[classIndex] > MAX_DETECTIONS) continue;
    const candidates = groundTruths.flatMap((object, index) =>
      object.classIndex === classIndex && (isCrowd(object) || !found[index]) ? [{ object, index }] : [],
    );
    const match =
      nearest(
        box,
        candidates.filter(({ object }) => !isCrowd(object)),
        iou,
      ) ??
      nearest(
        box,
        candidates.filter(({ object }) => isCrowd(object)),
        coveredShare,
      );
    if (match === null) judgements[d] = { verdict: 'false positive' };
    else {
      found[match.index] = true;
      if (!isCrowd(match.object)) judgements[d] = { verdict: 'true positive', object: match.index };
    }
  }
  return { judgements, found };
}

type Overlap = (a: CornerBox<ImagePx>, b: CornerBox<ImagePx>) => number;

/** The candidate of the largest overlap, the last of equals; null when none reaches the threshold. */
function nearest<T extends { readonly object: GroundTruth }>(
  box: CornerBox<ImagePx>,
  candidates: readonly T[],
  overlap: Overlap,
): T | null {
  let best = IOU;
  let match: T | null = null;
  for (const candidate of candidates) {
    const value = overlap(box, candidate.object.box);
    if (value < best) continue;
    best = value;
    match = candidate;
  }
  return match;
}

/** How much of the detection lies in the crowd region. */
const coveredShare: Overlap = (detection, crowd) => {
  const width = Math.min(detection.x2, crowd.x2) - Math.max(detection.x1, crowd.x1);
  const height = Math.min(detection.y2, crowd.y2) - Math.max(detection.y1, crowd.y1);
  if (!(width > 0 && height > 0)) return 0;
  return (width * height) / ((detection.x2 - detection.x1) * (detection.y2 - detection.y1));
};
