/** Average precision from a ranking (SPEC.md 11.1). */

/** Recall and precision after each detection, best score first. */
export interface PrecisionRecall {
  readonly recall: Float64Array;
  readonly precision: Float64Array;
}

/**
 * @param hits per detection that counts, best score first: 1 true positive, 0 false positive
 * @param groundTruths objects to be found, difficult ones not counted
 */
export function precisionRecall(hits: ArrayLike<number>, groundTruths: number): PrecisionRecall {
  const recall = new Float64Array(hits.length);
  const precision = new Float64Array(hits.length);
  let found = 0;
  for (let i = 0; i < hits.length; i++) {
    found += hits[i];
    recall[i] = found / groundTruths;
    precision[i] = found / (i + 1);
  }
  return { recall, precision };
}

/** VOC from 2010 on: the area under the precision made monotone from the right. */
export function allPointAveragePrecision({ recall, precision }: PrecisionRecall): number {
  let area = 0;
  let envelope = 0;
  for (let i = recall.length - 1; i >= 0; i--) {
    envelope = Math.max(envelope, precision[i]);
    area += envelope * (recall[i] - (i > 0 ? recall[i - 1] : 0));
  }
  return area;
}

/**
 * VOC 2007: the mean of the largest precision at recall >= 0, .1, ..., 1.
 * `numpy` has the thresholds of numpy.arange, as the published tools: three of them lie one rounding above the tenth, so that a
 * recall of exactly .3, .6 or .7 misses them. `exact` has the tenths themselves.
 */
export function elevenPointAveragePrecision(
  { recall, precision }: PrecisionRecall,
  thresholds: 'numpy' | 'exact' = 'numpy',
): number {
  let sum = 0;
  for (let tenth = 0; tenth <= 10; tenth++) {
    const threshold = thresholds === 'numpy' ? tenth * 0.1 : tenth / 10;
    let best = 0;
    for (let i = 0; i < recall.length; i++) if (recall[i] >= threshold && precision[i] > best) best = precision[i];
    sum += best;
  }
  return sum / 11;
}
