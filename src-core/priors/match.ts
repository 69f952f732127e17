/** Which default box learns which object: Caffe's matching, and the ports' (SPEC.md 4). */
import { iouAt } from '../geometry/overlap';
import { encodeBox, type Variances } from './coder';
import type { DefaultBoxes } from './generate';

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
  defaultBoxes: Pick<DefaultBoxes, 'centers' | 'corners' | 'total'>,
  threshold: number,
  variances: Variances,
  out: MatchedTargets = createTargets(defaultBoxes.total),
  rule: MatchingRule = 'bipartite',
): MatchedTargets {
  const { total, corners, centers } = defaultBoxes;
  const count = objects.classIndex.length;
  const overlaps = overlapRows(objects.corners, count, corners, total);
  out.positives = matchOverlaps(overlaps, count, total, threshold, out.matched, rule);
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

/** Grows to the largest picture seen and is used again; holds nothing between calls. */
let overlapScratch = new Float32Array(0);

/** IoU of every object with every default box [objects, priors], float32 as in Caffe; 0 in the rows of degenerate objects. */
function overlapRows(
  objects: ArrayLike<number>,
  count: number,
  priors: ArrayLike<number>,
  total: number,
): Float32Array {
  if (overlapScratch.length < count * total) overlapScratch = new Float32Array(count * total);
  const box = new Float64Array(4);
  for (let object = 0; object < count; object++) {
    const row = object * total;
    for (let i = 0; i < 4; i++) box[i] = objects[object * 4 + i];
    if (box[2] > box[0] && box[3] > box[1]) {
      for (let prior = 0; prior < total; prior++) overlapScratch[row + prior] = iouAt(box, 0, priors, prior);
    } else {
      overlapScratch.fill(0, row, row + total);
    }
  }
  return overlapScratch;
}

/**
 * The matching itself, from overlaps [objects, priors].
 * First the best default boxes of the objects by the rule; then per prior left: its best object (the first of equals) if it
 * overlaps at least `threshold`.
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
  matched.fill(-1);
  let positives = (rule === 'bipartite' ? bipartite : lastWins)(overlaps, objects, priors, matched);
  for (let prior = 0; prior < priors; prior++) {
    if (matched[prior] >= 0) continue;
    let largest = 0;
    let winner = -1;
    for (let object = 0; object < objects; object++) {
      const overlap = overlaps[object * priors + prior];
      if (overlap > largest) {
        winner = object;
        largest = overlap;
      }
    }
    if (winner >= 0 && largest >= threshold) {
      matched[prior] = winner;
      positives++;
    }
  }
  return positives;
}

/**
 * While objects are left, the largest overlap among free objects and free priors is fixed; of equal ones the lowest prior,
 * then the lowest object. Returns how many were fixed.
 */
function bipartite(overlaps: ArrayLike<number>, objects: number, priors: number, matched: Int32Array): number {
  let fixed = 0;
  const best = Int32Array.from({ length: objects }, (_, object) => bestFreePrior(overlaps, object, priors, matched));
  for (;;) {
    let winner = -1;
    let largest = SMALLEST_OVERLAP;
    for (let object = 0; object < objects; object++) {
      const prior = best[object];
      if (prior < 0) continue;
      const overlap = overlaps[object * priors + prior];
      if (overlap > largest || (winner >= 0 && overlap === largest && prior < best[winner])) {
        winner = object;
        largest = overlap;
      }
    }
    if (winner < 0) return fixed;
    const taken = best[winner];
    matched[taken] = winner;
    fixed++;
    best[winner] = -1;
    for (let object = 0; object < objects; object++) {
      if (best[object] === taken) best[object] = bestFreePrior(overlaps, object, priors, matched);
    }
  }
}

/** Each object in turn takes its best prior, also from an object before it. Returns how many priors are taken. */
function lastWins(overlaps: ArrayLike<number>, objects: number, priors: number, matched: Int32Array): number {
  const free = new Int32Array(priors).fill(-1);
  let taken = 0;
  for (let object = 0; object < objects; object++) {
    const prior = bestFreePrior(overlaps, object, priors, free);
    if (prior < 0) continue;
    if (matched[prior] < 0) taken++;
    matched[prior] = object;
  }
  return taken;
}

/** The prior that an object overlaps most among those not matched, the lowest of equals; -1 when it overlaps none. */
function bestFreePrior(overlaps: ArrayLike<number>, object: number, priors: number, matched: Int32Array): number {
  let winner = -1;
  let largest = SMALLEST_OVERLAP;
  const row = object * priors;
  for (let prior = 0; prior < priors; prior++) {
    if (overlaps[row + prior] > largest && matched[prior] < 0) {
      winner = prior;
      largest = overlaps[row + prior];
    }
  }
  return winner;
}
