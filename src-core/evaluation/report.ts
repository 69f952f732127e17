/** What an evaluation of detections against ground truth answers. */
import type { CornerBox, ImagePx } from '../geometry/box';
import type { CocoSummary } from './coco';
import type { VocConvention } from './voc-convention';

/** One detection in a picture's own pixels. */
export interface Detection {
  /** Position in the run's class list, background not counted: 0 is the first label. */
  readonly classIndex: number;
  readonly score: number;
  readonly box: CornerBox<ImagePx>;
  /** Index of the default box it was decoded from, for provenance. */
  readonly prior?: number;
}

export type VocMetric = 'voc' | 'voc07';
export const METRICS = ['voc', 'voc07', 'coco'] as const;
export type Metric = (typeof METRICS)[number];

export interface ClassResult {
  readonly className: string;
  /** Null: no ground truth of this class in the split. */
  readonly averagePrecision: number | null;
  /** The twelve numbers of this class alone, where the metric is COCO's. */
  readonly coco?: CocoSummary;
  readonly groundTruths: number;
  readonly detections: number;
  /** Precision and recall after each detection in order of score, thinned to at most 200 points. */
  readonly curve: readonly { readonly recall: number; readonly precision: number; readonly score: number }[];
}

export type Verdict = 'true positive' | 'false positive' | 'ignored';

/** One picture with what was found and what was there. */
export interface EvaluatedImage {
  readonly imageId: number;
  readonly detections: readonly (Detection & {
    readonly verdict: Verdict;
    /** Position in `groundTruths` of what a true positive was matched with; absent in reports of version 0.1. */
    readonly object?: number;
  })[];
  readonly groundTruths: readonly {
    readonly classIndex: number;
    readonly box: CornerBox<ImagePx>;
    /** Not to be found: a crowd, or a difficult object where the metric leaves those out. */
    readonly difficult: boolean;
    readonly found: boolean;
  }[];
}

export interface EvaluationReport {
  readonly metric: Metric;
  /** Of the curves and the verdicts, and of VOC's average precision; COCO's is the mean over .5 to .95. */
  readonly iouThreshold: number;
  /** Of the VOC metrics; absent in reports of version 0.1: the devkit's. */
  readonly convention?: VocConvention;
  /** COCO's twelve numbers over all classes, where the metric is COCO's. */
  readonly coco?: CocoSummary;
  readonly split: 'train' | 'val' | 'test';
  readonly step: number;
  /** Null: no class has objects. */
  readonly meanAveragePrecision: number | null;
  readonly classes: readonly ClassResult[];
  readonly imageCount: number;
  readonly imagesPerSecond: number;
  /** Every picture of the split; detections with a score of at least 0.05. */
  readonly images: readonly EvaluatedImage[];
}
