/** What became of each answer of the network on its way to the detections: the same selection, with a reason for each box. */
import type { Detection } from '../evaluation/report';
import type { Size } from '../geometry/convert';
import { orderByScore, suppressNonMaxima } from '../geometry/nms';
import { iouAt } from '../geometry/overlap';
import { selectDetections, suppressionPixel, type DetectionRules } from './detections';

/** Of a default box as a detection of one class. */
export type Fate =
  | { readonly kind: 'kept' }
  /** Its score is not above the threshold of the rules. */
  | { readonly kind: 'weak' }
  /** A kept box of the class overlaps it by more than the rules allow; the IoU is the one that was compared. */
  | { readonly kind: 'suppressed'; readonly by: number; readonly iou: number }
  /** More boxes of its class scored higher than enter suppression. */
  | { readonly kind: 'beyondClassLimit' }
  /** More boxes of all classes scored higher than are put out. */
  | { readonly kind: 'beyondPictureLimit' }
  /** Nothing of it lies in the picture. */
  | { readonly kind: 'outside' };

interface ClassTrace {
  /** Default boxes that entered suppression, best first. */
  readonly order: Int32Array;
  /** Those that were left, best first. */
  readonly kept: Int32Array;
}

export class SelectionTrace {
  /** As the detector puts them out, best first. */
  readonly detections: readonly Detection[];
  readonly #classes: number;
  readonly #traces = new Map<number, ClassTrace>();
  readonly #final: ReadonlySet<number>;
  readonly #pixel: Size;

  /**
   * @param confidences [P, classes] after softmax, background first
   * @param boxes [P, 4] decoded, corner form, unit coordinates; clipped in place when the rules say so
   */
  constructor(
    private readonly confidences: Float32Array,
    private readonly boxes: Float32Array,
    picture: Size,
    private readonly rules: DetectionRules,
  ) {
    this.#classes = confidences.length / (boxes.length / 4);
    this.detections = selectDetections(confidences, boxes, picture, rules);
    this.#final = new Set(this.detections.map(({ prior, classIndex }) => this.#position(prior ?? -1, classIndex)));
    this.#pixel = suppressionPixel(rules, picture);
  }

  /** @param classIndex position in the class list, background not counted */
  fate(prior: number, classIndex: number): Fate {
    if (this.#final.has(this.#position(prior, classIndex))) return { kind: 'kept' };
    if (!(this.confidences[this.#position(prior, classIndex)] > this.rules.scoreThreshold)) return { kind: 'weak' };
    const { order, kept } = this.#traceOf(classIndex);
    if (!order.includes(prior)) return { kind: 'beyondClassLimit' };
    if (kept.includes(prior)) {
      const [x1, y1, x2, y2] = this.boxes.subarray(4 * prior, 4 * prior + 4);
      const inside = Math.min(x2, 1) > Math.max(x1, 0) && Math.min(y2, 1) > Math.max(y1, 0);
      return { kind: inside ? 'beyondPictureLimit' : 'outside' };
    }
    return { kind: 'suppressed', ...this.#suppressor(prior, kept) };
  }

  /** The boxes that a kept box took out, best first. */
  removedBy(prior: number, classIndex: number): readonly { readonly prior: number; readonly iou: number }[] {
    const { order, kept } = this.#traceOf(classIndex);
    if (!kept.includes(prior)) return [];
    const left = new Set(kept);
    return [...order].flatMap((other) => {
      if (left.has(other)) return [];
      const { by, iou } = this.#suppressor(other, kept);
      return by === prior ? [{ prior: other, iou }] : [];
    });
  }

  /** What took it out: of the kept boxes that overlap it too much the best, which came before it. */
  #suppressor(prior: number, kept: Int32Array): { by: number; iou: number } {
    for (const by of kept) {
      const iou = iouAt(this.boxes, prior, this.boxes, by, this.#pixel.width, this.#pixel.height);
      if (iou > this.rules.iouThreshold) return { by, iou };
    }
    throw new RangeError(`nothing suppresses default box ${prior}`);
  }

  #traceOf(classIndex: number): ClassTrace {
    const known = this.#traces.get(classIndex);
    if (known) return known;
    const candidates: number[] = [];
    const scores: number[] = [];
    for (let prior = 0; prior < this.boxes.length / 4; prior++) {
      const score = this.confidences[this.#position(prior, classIndex)];
      if (!(score > this.rules.scoreThreshold)) continue;
      candidates.push(prior);
      scores.push(score);
    }
    const order = orderByScore(Int32Array.from(candidates), Float32Array.from(scores), this.rules.perClass);
    const kept = new Int32Array(order.length);
    const count = suppressNonMaxima(this.boxes, order, this.rules.iouThreshold, kept, this.#pixel);
    const trace = { order, kept: kept.subarray(0, count) };
    this.#traces.set(classIndex, trace);
    return trace;
  }

  #position(prior: number, classIndex: number): number {
    return prior * this.#classes + classIndex + 1;
  }
}
