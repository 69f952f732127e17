/** What an evaluation of detections against ground truth answers. */
import type { CornerBox, ImagePx } from '../geometry/box';

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

export interface ClassResult {
  readonly className: string;
  /** Null: no ground truth of this class in the split. */
  readonly averagePrecision: number | null;
  readonly groundTruths: number;
  readonly detections: number;
  /** Precision and recall after each detection in order of score, thinned to at most 200 points. */
  readonly curve: readonly { readonly recall: number; readonly precision: number; readonly score: number }[];
}

export type Verdict = 'true positive' | 'false positive' | 'ignored';

/** One picture with what was found and what was there. */
export interface EvaluatedImage {
  readonly imageId: number;
  readonly detections: readonly (Detection & { readonly verdict: Verdict })[];
  readonly groundTruths: readonly {
    readonly classIndex: number;
    readonly box: CornerBox<ImagePx>;
    readonly difficult: boolean;
    readonly found: boolean;
  }[];
}

export interface EvaluationReport {
  readonly metric: VocMetric;
  readonly iouThreshold: number;
  readonly split: 'train' | 'val' | 'test';
  readonly step: number;
  readonly meanAveragePrecision: number | null;
  readonly classes: readonly ClassResult[];
  readonly imageCount: number;
  readonly imagesPerSecond: number;
  /** Every picture of the split; detections with a score of at least 0.05. */
  readonly images: readonly EvaluatedImage[];
}
