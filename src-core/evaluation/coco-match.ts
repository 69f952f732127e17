/** Matching the detections of one picture and category with its objects (pycocotools' evaluateImg; SPEC.md 11.2, steps 1 to 4). */
import type { DetectionTable, GroundTruthTable } from './box-table';

/** numpy.linspace(.5, .95, 10), whose last value is the end itself. */
export const IOU_THRESHOLDS = Float64Array.from({ length: 10 }, (_, t) =>
  t === 9 ? 0.95 : 0.5 + t * ((0.95 - 0.5) / 9),
);
export const MAX_DETECTIONS = 100;
/** All, small, medium, large in square pixels, both ends included. */
export const AREA_RANGES = [
  [0, 1e10],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e10],
] as const;

/** A bit per IoU threshold. */
export const ALL_THRESHOLDS = (1 << IOU_THRESHOLDS.length) - 1;

/** Per area range and detection: at which thresholds it is a true positive, and at which else it counts for nothing. */
export interface MatchBits {
  /** [area range][rank of the detection in its category] */
  readonly truePositive: readonly Uint16Array[];
  readonly ignored: readonly Uint16Array[];
}

export class CocoMatcher {
  /** IoU of detection d and object g of the picture at d * objects + g. */
  private overlaps = new Float64Array(1024);
  private isIgnored = new Uint8Array(64);
  private isCrowd = new Uint8Array(64);
  /** Bit t: matched already at threshold t. */
  private taken = new Uint16Array(64);
  /** Objects in the order of matching, those that count first. */
  private order = new Int32Array(64);
  private candidates = new Int32Array(64);

  constructor(
    private readonly groundTruths: GroundTruthTable,
    private readonly detections: DetectionTable,
  ) {}

  /** Bits of detections that match nothing: wrong, or ignored where their area is outside the range. */
  leaveUnmatched(found: Int32Array, rankOf: Int32Array, bits: MatchBits): void {
    for (let a = 0; a < AREA_RANGES.length; a++) {
      const truePositive = bits.truePositive[a];
      const ignored = bits.ignored[a];
      for (const row of found) {
        truePositive[rankOf[row]] = 0;
        ignored[rankOf[row]] = this.isOutside(row, a) ? ALL_THRESHOLDS : 0;
      }
    }
  }

  /**
   * Changes the bits that `leaveUnmatched` wrote where a detection matches, or is not among the first 100.
   * @param objects rows of the ground truth, one picture and category, in the order of the file
   * @param found rows of the detections, best first
   * @param rankOf per row of the detections, where its bits are
   */
  match(objects: Int32Array, found: Int32Array, rankOf: Int32Array, bits: MatchBits): void {
    const evaluated = Math.min(found.length, MAX_DETECTIONS);
    this.reserve(objects.length, evaluated);
    this.computeOverlaps(objects, found, evaluated);
    for (let a = 0; a < AREA_RANGES.length; a++) {
      const truePositive = bits.truePositive[a];
      const ignored = bits.ignored[a];
      const counting = this.orderObjects(objects, a);
      for (let d = 0; d < evaluated; d++) {
        const outcome = this.matchDetection(objects, d, counting);
        if (outcome === 0) continue;
        const rank = rankOf[found[d]];
        truePositive[rank] = outcome & ALL_THRESHOLDS;
        ignored[rank] |= outcome >>> 16;
      }
      for (let d = evaluated; d < found.length; d++) ignored[rankOf[found[d]]] = ALL_THRESHOLDS;
    }
  }

  /**
   * One detection at every threshold. pycocotools tells a match by the object's identifier not being 0, so that a detection of
   * an object with identifier 0 takes it and yet counts as unmatched; so does this.
   * @param counting how many objects at the front of `order` are not ignored
   * @returns bit t: true positive; bit 16 + t: matched with an ignored object
   */
  private matchDetection(objects: Int32Array, d: number, counting: number): number {
    const { order, overlaps, isCrowd, taken, candidates } = this;
    const row = d * objects.length;
    let near = 0;
    for (let i = 0; i < objects.length; i++) {
      if (overlaps[row + order[i]] >= IOU_THRESHOLDS[0]) candidates[near++] = i;
    }
    if (near === 0) return 0;
    let outcome = 0;
    for (let t = 0; t < IOU_THRESHOLDS.length; t++) {
      let best = IOU_THRESHOLDS[t];
      let match = -1;
      for (let c = 0; c < near; c++) {
        const i = candidates[c];
        const g = order[i];
        if ((taken[g] >>> t) & 1 && isCrowd[g] === 0) continue;
        if (match >= 0 && match < counting && i >= counting) break;
        // Not "<=": of two equal overlaps the later object is taken.
        if (overlaps[row + g] < best) continue;
        best = overlaps[row + g];
        match = i;
      }
      if (match < 0) continue;
      const g = order[match];
      taken[g] |= 1 << t;
      if (match >= counting) outcome |= 1 << (16 + t);
      else if (this.groundTruths.id[objects[g]] !== 0) outcome |= 1 << t;
    }
    return outcome;
  }

  /** Puts the objects that are ignored in this area range last, and forgets what was matched. Returns how many are not. */
  private orderObjects(objects: Int32Array, areaRange: number): number {
    const [smallest, largest] = AREA_RANGES[areaRange];
    const { area, crowd } = this.groundTruths;
    let counting = 0;
    for (let g = 0; g < objects.length; g++) {
      const row = objects[g];
      this.taken[g] = 0;
      this.isCrowd[g] = crowd[row];
      this.isIgnored[g] = crowd[row] === 1 || area[row] < smallest || area[row] > largest ? 1 : 0;
      if (this.isIgnored[g] === 0) this.order[counting++] = g;
    }
    let last = counting;
    for (let g = 0; g < objects.length; g++) if (this.isIgnored[g] === 1) this.order[last++] = g;
    return counting;
  }

  private isOutside(detection: number, areaRange: number): boolean {
    const { boxes, area: areas } = this.detections;
    const area = areas === undefined ? boxes[4 * detection + 2] * boxes[4 * detection + 3] : areas[detection];
    return area < AREA_RANGES[areaRange][0] || area > AREA_RANGES[areaRange][1];
  }

  /** Continuous boxes, no +1. Against a crowd the overlap is the covered share of the detection (maskApi.c, bbIou). */
  private computeOverlaps(objects: Int32Array, found: Int32Array, evaluated: number): void {
    const truth = this.groundTruths.boxes;
    const boxes = this.detections.boxes;
    for (let g = 0; g < objects.length; g++) {
      const q = 4 * objects[g];
      const [gx, gy, gw, gh] = [truth[q], truth[q + 1], truth[q + 2], truth[q + 3]];
      const isCrowd = this.groundTruths.crowd[objects[g]] === 1;
      for (let d = 0; d < evaluated; d++) {
        const p = 4 * found[d];
        const width = Math.min(boxes[p + 2] + boxes[p], gw + gx) - Math.max(boxes[p], gx);
        const height = Math.min(boxes[p + 3] + boxes[p + 1], gh + gy) - Math.max(boxes[p + 1], gy);
        let overlap = 0;
        if (width > 0 && height > 0) {
          const intersection = width * height;
          const area = boxes[p + 2] * boxes[p + 3];
          overlap = intersection / (isCrowd ? area : area + gw * gh - intersection);
        }
        this.overlaps[d * objects.length + g] = overlap;
      }
    }
  }

  private reserve(objects: number, detections: number): void {
    if (this.overlaps.length < objects * detections) this.overlaps = new Float64Array(2 * objects * detections);
    if (this.taken.length >= objects) return;
    this.isIgnored = new Uint8Array(2 * objects);
    this.isCrowd = new Uint8Array(2 * objects);
    this.taken = new Uint16Array(2 * objects);
    this.order = new Int32Array(2 * objects);
    this.candidates = new Int32Array(2 * objects);
  }
}
