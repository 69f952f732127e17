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
  const candidates = new Int32Array(priors);
  const kept = new Int32Array(Math.min(rules.perClass, priors));
  const grown = rules.pixels === 'inclusive' ? 1 : 0;
  const pixel = { width: grown / picture.width, height: grown / picture.height };
  const found: { readonly classIndex: number; readonly prior: number; readonly score: number }[] = [];
  for (let c = 1; c < classes; c++) {
    const scoreOf = (prior: number): number => confidences[prior * classes + c];
    let count = 0;
    for (let prior = 0; prior < priors; prior++) if (scoreOf(prior) > rules.scoreThreshold) candidates[count++] = prior;
    const order = orderByScore(candidates.subarray(0, count), scoreOf, rules.perClass);
    const survivors = suppressNonMaxima(boxes, order, rules.iouThreshold, kept, pixel);
    for (let i = 0; i < survivors; i++) {
      found.push({ classIndex: c - 1, prior: kept[i], score: scoreOf(kept[i]) });
    }
  }
  found.sort((a, b) => b.score - a.score || a.prior - b.prior || a.classIndex - b.classIndex);
  return found
    .slice(0, rules.perImage)
    .map(({ classIndex, prior, score }) => ({ classIndex, score, prior, box: imageBox(boxes, prior, picture) }))
    .filter(({ box }) => box.x2 > box.x1 && box.y2 > box.y1);
}

function imageBox(corners: Float32Array, index: number, picture: Size): Detection['box'] {
  const i = index * 4;
  const unit = { x1: corners[i], y1: corners[i + 1], x2: corners[i + 2], y2: corners[i + 3] };
  return toImagePx(clip<Unit>(unit, { width: 1, height: 1 }), picture);
}
