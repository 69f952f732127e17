/** PASCAL VOC evaluation of detections against ground truth (SPEC.md 11.1). */
import { inclusivePixelIou, iou } from '../geometry/overlap';
import {
  allPointAveragePrecision,
  elevenPointAveragePrecision,
  precisionRecall,
  type PrecisionRecall,
} from './average-precision';
import { evaluatedImage, rankByClass, thinned } from './pictures';
import type { EvaluationImage, GroundTruth, Judgement, RankedDetection } from './pictures';
import type { ClassResult, Detection, EvaluationReport, VocMetric } from './report';
import { DEVKIT, VOC_IOU, type VocConvention } from './voc-convention';

export interface VocEvaluation {
  readonly classNames: readonly string[];
  /** Pictures in a fixed order: it decides between equal scores. */
  readonly images: readonly EvaluationImage[];
  readonly metric: VocMetric;
  readonly iouThreshold?: number;
  readonly convention?: VocConvention;
}

export type VocResult = { readonly metric: VocMetric; readonly convention: VocConvention } & Pick<
  EvaluationReport,
  'iouThreshold' | 'meanAveragePrecision' | 'classes' | 'imageCount' | 'images'
>;

/**
 * Per class over all pictures, best score first: a detection is compared with the one object of its class that it overlaps most.
 * Enough overlap with an object not found before is a true positive, with one already found or too little a false positive;
 * with a difficult object neither, unless the convention counts those.
 */
export function evaluateVoc({
  classNames,
  images,
  metric,
  iouThreshold = VOC_IOU,
  convention = DEVKIT,
}: VocEvaluation): VocResult {
  const judgements = images.map(({ detections }) => detections.map((): Judgement => ({ verdict: 'false positive' })));
  const found = images.map(({ groundTruths }) => groundTruths.map(() => false));
  const overlap = convention.pixels === 'inclusive' ? inclusivePixelIou : iou;
  const isIgnored = ({ difficult, crowd }: GroundTruth): boolean =>
    crowd === true || (difficult && convention.difficult === 'ignored');
  const reaches = (value: number): boolean =>
    convention.atThreshold === 'found' ? value >= iouThreshold : value > iouThreshold;
  const classes = rankByClass(images, classNames.length).map((ranking, classIndex) =>
    evaluateClass(ranking, classIndex),
  );
  const averages = classes.flatMap(({ averagePrecision }) => (averagePrecision === null ? [] : [averagePrecision]));
  return {
    metric,
    iouThreshold,
    convention,
    meanAveragePrecision: averages.length === 0 ? null : averages.reduce((sum, ap) => sum + ap, 0) / averages.length,
    classes,
    imageCount: images.length,
    images: images.map((image, i) => evaluatedImage(image, judgements[i], found[i], isIgnored)),
  };

  function evaluateClass(ranking: readonly RankedDetection[], classIndex: number): ClassResult {
    const groundTruths = countObjects(images, (object) => object.classIndex === classIndex && !isIgnored(object));
    const hits: number[] = [];
    const scores: number[] = [];
    for (const { image, index } of ranking) {
      const judgement = judge(image, images[image].detections[index]);
      judgements[image][index] = judgement;
      if (judgement.verdict === 'ignored') continue;
      hits.push(judgement.verdict === 'true positive' ? 1 : 0);
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

  function judge(image: number, detection: Detection): Judgement {
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
    if (nearest < 0 || !reaches(largest)) return { verdict: 'false positive' };
    const first = !found[image][nearest];
    found[image][nearest] = true;
    if (isIgnored(groundTruths[nearest])) return { verdict: 'ignored' };
    return first ? { verdict: 'true positive', object: nearest } : { verdict: 'false positive' };
  }

  function averagePrecision(curve: PrecisionRecall): number {
    return metric === 'voc'
      ? allPointAveragePrecision(curve)
      : elevenPointAveragePrecision(curve, convention.elevenPointThresholds);
  }
}

function countObjects(images: readonly EvaluationImage[], counts: (object: GroundTruth) => boolean): number {
  let count = 0;
  for (const { groundTruths } of images) for (const object of groundTruths) if (counts(object)) count++;
  return count;
}
