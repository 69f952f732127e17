/** From a network's answers for one picture to detections (SPEC.md 8). */
import { clip, toImagePx, type Size } from '../geometry/convert';
import type { Unit } from '../geometry/box';
import { orderByScore, suppressNonMaxima } from '../geometry/nms';
import type { Detection } from '../evaluation/report';
import { clipBoxes, decodeBoxes, type Variances } from './coder';

export interface DetectionRules {
  /** A score must be larger than this. */
  readonly scoreThreshold: number;
  /** Boxes of a class that enter suppression. */
  readonly perClass: number;
  readonly iouThreshold: number;
  /** Boxes of all classes that leave it. */
  readonly perImage: number;
  /** torchvision clips boxes to the picture before suppression; Caffe only what it puts out. */
  readonly clipFirst: boolean;
  /** `inclusive`: in suppression every width and height counts one pixel of the picture more, as RFBNet's does. */
  readonly pixels: 'continuous' | 'inclusive';
}

export const CAFFE_RULES: DetectionRules = {
  scoreThreshold: 0.01,
  perClass: 400,
  iouThreshold: 0.45,
  perImage: 200,
  clipFirst: false,
  pixels: 'continuous',
};

/**
 * Decodes, suppresses per class, merges. Boxes that lie outside the picture altogether are left out.
 * @param confidences [P, classes] after softmax, background first
 * @param offsets [P, 4] as the network gives them
 * @param centers default boxes [P, 4]
 * @param picture size in pixels that the detections are scaled to
 * @returns best first; equal scores by default box, then class
 */
export function detectObjects(
  confidences: Float32Array,
  offsets: Float32Array,
  defaultBoxes: { readonly centers: Float32Array; readonly total: number },
  variances: Variances,
  picture: Size,
  rules: DetectionRules = CAFFE_RULES,
): Detection[] {
  const boxes = decodeBoxes(offsets, defaultBoxes.centers, variances, new Float32Array(defaultBoxes.total * 4));
  return selectDetections(confidences, boxes, picture, rules);
}

/**
 * The part after decoding: suppresses per class, merges, scales to the picture.
 * @param confidences [P, classes] after softmax, background first
 * @param boxes [P, 4] decoded, corner form, unit coordinates; clipped in place when the rules say so
 * @param picture size in pixels that the detections are scaled to
 */
export function selectDetections(
  confidences: Float32Array,
  boxes: Float32Array,
  picture: Size,
  rules: DetectionRules = CAFFE_RULES,
): Detection[] {
  const priors = boxes.length / 4;
  const classes = confidences.length / priors;
  if (rules.clipFirst) clipBoxes(boxes);
  const candidates = candidatesByClass(confidences, classes, rules.scoreThreshold);
  const kept = new Int32Array(Math.min(rules.perClass, priors));
  const pixel = suppressionPixel(rules, picture);
  /** Positions in `confidences` of what suppression leaves. */
  const left = new Int32Array(kept.length * (classes - 1));
  let count = 0;
  for (let c = 1; c < classes; c++) {
    const order = orderByScore(candidates.priors(c), candidates.scores(c), rules.perClass);
    const survivors = suppressNonMaxima(boxes, order, rules.iouThreshold, kept, pixel);
    for (let i = 0; i < survivors; i++) left[count++] = kept[i] * classes + c;
  }
  return best(left.subarray(0, count), confidences, rules.perImage)
    .map((position) => {
      const prior = Math.floor(position / classes);
      const [classIndex, score] = [(position % classes) - 1, confidences[position]];
      return { classIndex, score, prior, box: imageBox(boxes, prior, picture) };
    })
    .filter(({ box }) => box.x2 > box.x1 && box.y2 > box.y1);
}

/** What every width and height counts more in suppression, in unit coordinates. */
export function suppressionPixel({ pixels }: Pick<DetectionRules, 'pixels'>, picture: Size): Size {
  const grown = pixels === 'inclusive' ? 1 : 0;
  return { width: grown / picture.width, height: grown / picture.height };
}

/** Positions by descending confidence, equal ones by default box, then class. */
function best(positions: Int32Array, confidences: Float32Array, limit: number): number[] {
  const scores = Float32Array.from(positions, (i) => confidences[i]);
  return Array.from(orderByScore(positions, scores, limit));
}

/**
 * The default boxes whose score of a foreground class is above the threshold, ascending, and those scores. Reads the confidences as
 * they lie in memory, which for 81 classes is several times quicker than class after class.
 */
function candidatesByClass(confidences: Float32Array, classes: number, threshold: number) {
  const ends = new Int32Array(classes);
  for (let row = 0; row < confidences.length; row += classes) {
    for (let c = 1; c < classes; c++) if (confidences[row + c] > threshold) ends[c]++;
  }
  for (let c = 1; c < classes; c++) ends[c] += ends[c - 1];
  const next = new Int32Array(classes);
  next.set(ends.subarray(0, classes - 1), 1);
  const priors = new Int32Array(ends[classes - 1]);
  const scores = new Float32Array(priors.length);
  for (let row = 0, prior = 0; row < confidences.length; row += classes, prior++) {
    for (let c = 1; c < classes; c++) {
      const score = confidences[row + c];
      if (!(score > threshold)) continue;
      priors[next[c]] = prior;
      scores[next[c]++] = score;
    }
  }
  return {
    priors: (c: number) => priors.subarray(ends[c - 1], ends[c]),
    scores: (c: number) => scores.subarray(ends[c - 1], ends[c]),
  };
}

/** Box `index` of unit corners [n, 4], the part inside the picture, in its pixels. */
export function imageBox(corners: Float32Array, index: number, picture: Size): Detection['box'] {
  const i = index * 4;
  const unit = { x1: corners[i], y1: corners[i + 1], x2: corners[i + 2], y2: corners[i + 3] };
  return toImagePx(clip<Unit>(unit, { width: 1, height: 1 }), picture);
}
