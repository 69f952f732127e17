/** Which default box learns which object: Caffe's matching, and the ports' (SPEC.md 4). */
import { encodeBox, type Variances } from './coder';
import type { DefaultBoxes } from './generate';
import { type OverlapRow, overlapReader, type RowReader, tableReader } from './overlap-rows';

/** The objects of one picture. */
export interface MatchObjects {
  /** Corner form [n, 4], unit coordinates. */
  readonly corners: ArrayLike<number>;
  /** Detector class of each, from 1; background is 0. */
  readonly classIndex: ArrayLike<number>;
}

/** What one picture teaches each of P default boxes. */
export interface MatchedTargets {
  /** [P] class, 0 background. */
  readonly labels: Int32Array;
  /** [P, 4] encoded offsets; 0 for background. */
  readonly offsets: Float32Array;
  /** [P] index of the object, -1 background. */
  readonly matched: Int32Array;
  /** Default boxes with an object. */
  positives: number;
}

/**
 * How objects get the default box they overlap most, whatever the overlap. `bipartite`: each one of its own, as in Caffe and the
 * paper. `lastWins`: as in amdegroot, lufficc, RFBNet and torchvision, where of two objects that want the same one the later has
 * it and the other may go without; for training exactly as those do.
 */
export type MatchingRule = 'bipartite' | 'lastWins';

/** IoU from which a default box learns an object: what may be asked for, and what every published SSD takes. */
export const MATCHING_THRESHOLDS = [0.05, 0.99] as const;
export const USUAL_MATCHING_THRESHOLD = 0.5;

/** Pairs that overlap no more than this are no pairs at all (Caffe). */
const SMALLEST_OVERLAP = 1e-6;

export function createTargets(priors: number): MatchedTargets {
  return {
    labels: new Int32Array(priors),
    offsets: new Float32Array(priors * 4),
    matched: new Int32Array(priors),
    positives: 0,
  };
}

/**
 * Objects get their best default boxes by the rule; every other default box takes its best object from `threshold` on.
 * Objects without area are ignored: they match nothing.
 * @param out overwritten and returned; pass one again to allocate nothing
 */
export function matchTargets(
  objects: MatchObjects,
  defaultBoxes: DefaultBoxes,
  threshold: number,
  variances: Variances,
  out: MatchedTargets = createTargets(defaultBoxes.total),
  rule: MatchingRule = 'bipartite',
): MatchedTargets {
  const { total, centers } = defaultBoxes;
  const read = overlapReader(objects.corners, defaultBoxes);
  out.positives = matchRows(read, objects.classIndex.length, total, threshold, out.matched, rule);
  out.labels.fill(0);
  out.offsets.fill(0);
  for (let prior = 0; prior < total; prior++) {
    const object = out.matched[prior];
    if (object < 0) continue;
    out.labels[prior] = objects.classIndex[object];
    encodeBox(objects.corners, object, centers, prior, variances, out.offsets);
  }
  return out;
}

/**
 * The matching itself, from overlaps [objects, priors].
 * @param matched receives the object of each prior, -1 none
 * @returns the number of matched priors
 */
export function matchOverlaps(
  overlaps: ArrayLike<number>,
  objects: number,
  priors: number,
  threshold: number,
  matched: Int32Array,
  rule: MatchingRule = 'bipartite',
): number {
  return matchRows(tableReader(overlaps, priors), objects, priors, threshold, matched, rule);
}

/** Grow to the largest network seen and are used again; hold nothing between calls. */
let row: OverlapRow = { priors: new Int32Array(0), overlaps: new Float64Array(0) };
let largestOfPrior = new Float64Array(0);
let objectOfPrior = new Int32Array(0);

function reserve(priors: number): void {
  if (row.priors.length < priors) {
    row = { priors: new Int32Array(priors), overlaps: new Float64Array(priors) };
    largestOfPrior = new Float64Array(priors);
    objectOfPrior = new Int32Array(priors);
  }
  largestOfPrior.fill(0, 0, priors);
  objectOfPrior.fill(-1, 0, priors);
}

/**
 * First the best default boxes of the objects by the rule; then per prior left: its best object (the first of equals) if it
 * overlaps at least `threshold`.
 */
function matchRows(
  read: RowReader,
  objects: number,
  priors: number,
  threshold: number,
  matched: Int32Array,
  rule: MatchingRule,
): number {
  reserve(priors);
  matched.fill(-1);
  let positives = 0;
  /** Per object: its best free prior, -1 none or done, and how much they overlap. */
  const best = new Int32Array(objects);
  const largest = new Float64Array(objects);
  for (let object = 0; object < objects; object++) {
    const count = read(object, row);
    for (let i = 0; i < count; i++) {
      const prior = row.priors[i];
      if (row.overlaps[i] <= largestOfPrior[prior]) continue;
      largestOfPrior[prior] = row.overlaps[i];
      objectOfPrior[prior] = object;
    }
    findBestFree(object, count);
  }
  if (rule === 'bipartite') fixBestPairs();
  else fixInTurn();
  for (let prior = 0; prior < priors; prior++) {
    if (matched[prior] >= 0 || objectOfPrior[prior] < 0 || largestOfPrior[prior] < threshold) continue;
    matched[prior] = objectOfPrior[prior];
    positives++;
  }
  return positives;

  /**
   * While objects are left, the largest overlap among free objects and free priors is fixed; of equal ones the lowest prior,
   * then the lowest object.
   */
  function fixBestPairs(): void {
    for (;;) {
      let winner = -1;
      for (let object = 0; object < objects; object++) {
        if (best[object] < 0) continue;
        const ahead =
          winner < 0 ||
          largest[object] > largest[winner] ||
          (largest[object] === largest[winner] && best[object] < best[winner]);
        if (ahead) winner = object;
      }
      if (winner < 0) return;
      const taken = best[winner];
      matched[taken] = winner;
      positives++;
      best[winner] = -1;
      for (let object = 0; object < objects; object++) {
        if (best[object] === taken) findBestFree(object, read(object, row));
      }
    }
  }

  /** Each object in turn takes its best prior, also from an object before it. */
  function fixInTurn(): void {
    for (let object = 0; object < objects; object++) {
      if (best[object] < 0) continue;
      if (matched[best[object]] < 0) positives++;
      matched[best[object]] = object;
    }
  }

  /** In the row that was read last, which is this object's. */
  function findBestFree(object: number, count: number): void {
    best[object] = -1;
    largest[object] = SMALLEST_OVERLAP;
    for (let i = 0; i < count; i++) {
      if (row.overlaps[i] > largest[object] && matched[row.priors[i]] < 0) {
        best[object] = row.priors[i];
        largest[object] = row.overlaps[i];
      }
    }
  }
}
