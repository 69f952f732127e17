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
  const hardness = new Float32Array(labels.length).fill(-Infinity);
  for (let box = 0, at = 0; box < labels.length; box++, at += classes) {
    if (labels[box] !== 0) continue;
    const enough = confidence[at] + least;
    let largest = -Infinity;
    for (let c = at + 1; c < at + classes; c++) if (confidence[c] > largest) largest = confidence[c];
    if (largest >= enough) hardness[box] = largest - confidence[at];
  }
  const at = hardestNegatives(hardness, labels, pictures, -Infinity);
  return { at, scores: rowsOf(confidence, at, classes), offsets: rowsOf(offsets, at, 4) };
}

function rowsOf(values: Float32Array, at: Int32Array, columns: number): Float32Array {
  const rows = new Float32Array(at.length * columns);
  for (let i = 0; i < at.length; i++) {
    for (let c = 0; c < columns; c++) rows[i * columns + c] = values[at[i] * columns + c];
  }
  return rows;
}

/**
 * The same positions from the losses alone, for where the scores are on a device: p(class) >= t leaves the background at most
 * 1 - t, so that its cross entropy is -ln(1 - t) or more. Of rows chosen by it some may turn out to be below the score.
 * @param losses [N, P] -ln p(background) of the negatives
 */
export const negativesByLoss = (losses: Float32Array, labels: Int32Array, pictures: number): Int32Array =>
  hardestNegatives(losses, labels, pictures, -Math.log(1 - CANDIDATE_SCORE));

/** Per picture, the negatives harder than this or just so, but for -Infinity; the MOST_ROWS hardest where there are more. */
function hardestNegatives(hardness: Float32Array, labels: Int32Array, pictures: number, least: number): Int32Array {
  const boxes = labels.length / pictures;
  const chosen: number[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    const found: number[] = [];
    for (let box = picture * boxes; box < (picture + 1) * boxes; box++) {
      if (labels[box] === 0 && hardness[box] >= least && hardness[box] > -Infinity) found.push(box);
    }
    if (found.length > MOST_ROWS) {
      const values = Float64Array.from(found, (box) => hardness[box]);
      chosen.push(...orderByScore(Int32Array.from(found), values, MOST_ROWS));
    } else for (const box of found) chosen.push(box);
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
  const priors = at.map((position) => position % boxes);
  const corners = decodeBoxes(offsets, rowsOf(centers, priors, 4), variances, new Float32Array(offsets.length));
  const best = { classes: new Int32Array(at.length), scores: new Float64Array(at.length) };
  const rows: number[][] = Array.from({ length: pictures }, () => []);
  for (let i = 0; i < at.length; i++) {
    readBestClass(scores, i, classes, best);
    if (best.scores[i] >= CANDIDATE_SCORE) rows[Math.floor(at[i] / boxes)].push(i);
  }
  const kept = new Int32Array(MOST_ROWS);
  return rows.map((indices) => {
    if (indices.length === 0) return [];
    const own = Float64Array.from(indices, (i) => best.scores[i]);
    const order = orderByScore(Int32Array.from(indices), own, MOST_ROWS);
    const count = suppressNonMaxima(corners, order, NMS_IOU, kept);
    return Array.from(kept.subarray(0, Math.min(count, MOST_CANDIDATES)), (i) => ({
      classIndex: best.classes[i],
      score: best.scores[i],
      box: { x1: corners[4 * i], y1: corners[4 * i + 1], x2: corners[4 * i + 2], y2: corners[4 * i + 3] },
    }));
  });
}

/** Of a row, the foreground class with the largest score after softmax, and that score. */
function readBestClass(
  scores: Float32Array,
  row: number,
  classes: number,
  out: { readonly classes: Int32Array; readonly scores: Float64Array },
): void {
  const at = row * classes;
  let best = 1;
  for (let c = 2; c < classes; c++) if (scores[at + c] > scores[at + best]) best = c;
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(scores[at + c] - scores[at + best]);
  out.classes[row] = best - 1;
  out.scores[row] = 1 / sum;
}
