/**
 * Negatives that a network takes for objects. They head the loss's hard negatives (SPEC.md 5); where they come back again and
 * again, an object may lack its label.
 */
import type { CornerBox, Unit } from '../geometry/box';
import { orderByScore, suppressNonMaxima } from '../geometry/nms';
import { decodeBoxes, type Variances } from './coder';

/** A negative whose score of some class is below this is no candidate. */
export const CANDIDATE_SCORE = 0.4;
/** Rows of a picture at most, the hardest: early on a network takes everything for an object. */
const MOST_ROWS = 400;
/** Candidates of a picture at most, the best. */
const MOST_CANDIDATES = 40;
const NMS_IOU = 0.45;

/** What a network answers for some negatives of a batch of N pictures with P default boxes. */
export interface NegativeRows {
  /** Position of each in [N, P], ascending by picture. */
  readonly at: Int32Array;
  /** [n, C] class scores before softmax, background first. */
  readonly scores: Float32Array;
  /** [n, 4] */
  readonly offsets: Float32Array;
}

/** A box that the network takes for an object. */
export interface Candidate {
  /** From 0, background not counted. */
  readonly classIndex: number;
  /** After softmax. */
  readonly score: number;
  /** In fractions of the network input, not clipped. */
  readonly box: CornerBox<Unit>;
}

/**
 * The rows of a batch's confident negatives. No softmax: p(class) >= t needs score(class) - score(background) >= ln(t / (1 - t)).
 * @param confidence [N, P, C] before softmax
 * @param offsets [N, P, 4]
 * @param labels [N, P], background 0
 */
export function confidentNegatives(
  confidence: Float32Array,
  offsets: Float32Array,
  labels: Int32Array,
  pictures: number,
): NegativeRows {
  const classes = confidence.length / labels.length;
  const least = Math.log(CANDIDATE_SCORE / (1 - CANDIDATE_SCORE));
  const margin = (box: number): number => {
    const at = box * classes;
    let largest = confidence[at + 1];
    for (let c = 2; c < classes; c++) if (confidence[at + c] > largest) largest = confidence[at + c];
    return largest - confidence[at];
  };
  const at = hardestNegatives(labels, pictures, least, margin);
  const [scores, own] = [new Float32Array(at.length * classes), new Float32Array(at.length * 4)];
  at.forEach((box, i) => {
    scores.set(confidence.subarray(box * classes, (box + 1) * classes), i * classes);
    own.set(offsets.subarray(box * 4, (box + 1) * 4), i * 4);
  });
  return { at, scores, offsets: own };
}

/**
 * The same positions from the losses alone, for where the scores are on a device: p(class) >= t leaves the background at most
 * 1 - t, so that its cross entropy is -ln(1 - t) or more. Of rows chosen by it some may turn out to be below the score.
 * @param losses [N, P] -ln p(background) of the negatives
 */
export const negativesByLoss = (losses: Float32Array, labels: Int32Array, pictures: number): Int32Array =>
  hardestNegatives(labels, pictures, -Math.log(1 - CANDIDATE_SCORE), (box) => losses[box]);

/** Per picture, the negatives whose hardness is at least this; the MOST_ROWS hardest where there are more. */
function hardestNegatives(
  labels: Int32Array,
  pictures: number,
  least: number,
  hardness: (box: number) => number,
): Int32Array {
  const boxes = labels.length / pictures;
  const chosen: number[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    const found: number[] = [];
    const values: number[] = [];
    for (let box = picture * boxes; box < (picture + 1) * boxes; box++) {
      if (labels[box] !== 0) continue;
      const value = hardness(box);
      if (!(value >= least)) continue;
      found.push(box);
      values.push(value);
    }
    if (found.length <= MOST_ROWS) chosen.push(...found);
    else chosen.push(...orderByScore(Int32Array.from(found), Float64Array.from(values), MOST_ROWS));
  }
  return Int32Array.from(chosen);
}

/**
 * What the rows of each picture are candidates for: decoded, the best of those that overlap, best first.
 * @param centers of the default boxes [P, 4], unit coordinates
 */
export function candidatesByPicture(
  { at, scores, offsets }: NegativeRows,
  pictures: number,
  centers: Float32Array,
  variances: Variances,
): readonly (readonly Candidate[])[] {
  const boxes = centers.length / 4;
  const classes = scores.length / at.length;
  const own = new Float32Array(at.length * 4);
  at.forEach((position, i) => {
    const prior = position % boxes;
    own.set(centers.subarray(prior * 4, prior * 4 + 4), i * 4);
  });
  const corners = decodeBoxes(offsets, own, variances, new Float32Array(offsets.length));
  const rows: number[][] = Array.from({ length: pictures }, () => []);
  const best = Array.from(at, (position, i) => {
    const row = bestClass(scores, i * classes, classes);
    if (row.score >= CANDIDATE_SCORE) rows[Math.floor(position / boxes)].push(i);
    return row;
  });
  const kept = new Int32Array(MOST_ROWS);
  return rows.map((indices) => {
    const order = orderByScore(
      Int32Array.from(indices),
      Float64Array.from(indices, (i) => best[i].score),
      MOST_ROWS,
    );
    const count = suppressNonMaxima(corners, order, NMS_IOU, kept);
    return Array.from(kept.subarray(0, Math.min(count, MOST_CANDIDATES)), (i) => {
      const [x1, y1, x2, y2] = corners.subarray(i * 4, i * 4 + 4);
      return { ...best[i], box: { x1, y1, x2, y2 } };
    });
  });
}

/** The foreground class with the largest score after softmax, and that score. */
function bestClass(scores: Float32Array, at: number, classes: number): Omit<Candidate, 'box'> {
  let best = 1;
  for (let c = 2; c < classes; c++) if (scores[at + c] > scores[at + best]) best = c;
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(scores[at + c] - scores[at + best]);
  return { classIndex: best - 1, score: 1 / sum };
}
