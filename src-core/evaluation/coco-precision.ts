/** From ranked matches to precision and recall (pycocotools' accumulate; SPEC.md 11.2, step 5). */
import { ALL_THRESHOLDS, IOU_THRESHOLDS } from './coco-match';

/** numpy.linspace(0, 1, 101). */
const RECALLS = Float64Array.from({ length: 101 }, (_, r) => r * 0.01);

export interface PrecisionAndRecall {
  /** Per IoU threshold: the mean over the recalls 0, .01, ..., 1 of the precision reached there or beyond. */
  readonly precision: Float64Array;
  /** Per IoU threshold: the share of the objects that is found at all. */
  readonly recall: Float64Array;
}

export class PrecisionAccumulator {
  /** False positives ranked before the k-th true positive, per threshold [threshold, most objects]. */
  private readonly falseBefore: Int32Array;

  /** @param mostObjects the largest `objects` that `accumulate` will be given */
  constructor(private readonly mostObjects: number) {
    this.falseBefore = new Int32Array(IOU_THRESHOLDS.length * mostObjects);
  }

  /**
   * @param truePositive bits per detection of a category, best first
   * @param ignored bits per detection, likewise
   * @param count how many detections
   * @param objects how many are to be found, at least 1
   */
  accumulate(truePositive: Uint16Array, ignored: Uint16Array, count: number, objects: number): PrecisionAndRecall {
    const thresholds = IOU_THRESHOLDS.length;
    const found = new Int32Array(thresholds);
    const wrong = new Int32Array(thresholds);
    // Most detections are wrong at every threshold: those are counted once.
    let alwaysWrong = 0;
    for (let i = 0; i < count; i++) {
      const hit = truePositive[i];
      const skip = ignored[i];
      if (hit === 0) {
        if (skip === 0) alwaysWrong++;
        if (skip === 0 || skip === ALL_THRESHOLDS) continue;
      }
      for (let t = 0; t < thresholds; t++) {
        if ((hit >>> t) & 1) this.falseBefore[t * this.mostObjects + found[t]++] = alwaysWrong + wrong[t];
        else if (((skip >>> t) & 1) === 0) wrong[t]++;
      }
    }
    return {
      precision: Float64Array.from(found, (n, t) => this.meanPrecision(t, n, objects)),
      recall: Float64Array.from(found, (n) => n / objects),
    };
  }

  /**
   * Precision made monotone from the right, sampled at the first detection that reaches each recall: always a true positive,
   * and for recall 0 as good as one, since the precision never rises without one.
   */
  private meanPrecision(t: number, found: number, objects: number): number {
    let sum = 0;
    let envelope = 0;
    let recall = RECALLS.length - 1;
    while (recall > 0 && found / objects < RECALLS[recall]) recall--;
    for (let k = found; k >= 1; k--) {
      const precision = k / (this.falseBefore[t * this.mostObjects + k - 1] + k + Number.EPSILON);
      if (precision > envelope) envelope = precision;
      // The k-th true positive is the first detection at the recalls that the one before it does not reach.
      const recallBefore = k === 1 ? -1 : (k - 1) / objects;
      while (recall >= 0 && recallBefore < RECALLS[recall]) {
        sum += envelope;
        recall--;
      }
    }
    return sum / RECALLS.length;
  }
}
