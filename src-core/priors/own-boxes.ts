/**
 * The default box that each object of a picture gets of its own: Caffe's bipartite step (SPEC.md 4), on grids. Again and again the
 * largest overlap among objects without a box and boxes without an object is fixed. Where every object's best box is its alone,
 * these are the best boxes; only pictures in which objects want the same box are worked out.
 */
import type { SourceGrid } from './generate';
import { bestFreeBox, type GridBox, SMALLEST_OVERLAP } from './grid-overlap';
import type { ObjectTable } from './object-table';

/** Per object: a default box and their IoU, as the analyses keep it; -1 and 0 without. */
export interface BoxColumns {
  readonly box: Int32Array;
  readonly iou: Float64Array;
}

export class OwnBoxes {
  /** The default box of each object that `take` has seen: of its own in its picture, as in Caffe. */
  readonly own: BoxColumns;
  /** Objects whose best default box is also another's. */
  sharing = 0;
  readonly #taken: Int32Array;
  readonly #wantedBy: Int32Array;
  readonly #shares: Uint8Array;
  #mark = 0;
  readonly #candidate: GridBox = { box: -1, iou: 0 };

  constructor(
    private readonly objects: ObjectTable,
    private readonly grids: readonly SourceGrid[],
    total: number,
    /** Each object's best default box. */
    private readonly best: BoxColumns,
  ) {
    this.own = { box: best.box.slice(), iou: best.iou.slice() };
    this.#taken = new Int32Array(total);
    this.#wantedBy = new Int32Array(total);
    this.#shares = new Uint8Array(objects.count);
  }

  /** Settles the objects `order[from]` to `order[to - 1]`, all those of one picture. */
  settle(from: number, to: number): void {
    if (!this.#findShared(from, to)) return;
    this.#mark++;
    const { box, iou } = this.own;
    const queue = this.objects.order.slice(from, to).filter((object) => box[object] >= 0);
    queue.sort((a, b) => iou[b] - iou[a] || box[a] - box[b]);
    for (let head = 0; head < queue.length;) {
      const object = queue[head];
      const wanted = box[object];
      if (wanted < 0 || this.#taken[wanted] !== this.#mark) {
        if (wanted >= 0) this.#taken[wanted] = this.#mark;
        head++;
        continue;
      }
      this.#nextBest(object);
      let at = head;
      for (; at + 1 < queue.length && iou[queue[at + 1]] > iou[object]; at++) queue[at] = queue[at + 1];
      queue[at] = object;
    }
  }

  #findShared(from: number, to: number): boolean {
    this.#mark++;
    let shared = false;
    for (let at = from; at < to; at++) {
      const object = this.objects.order[at];
      const wanted = this.best.box[object];
      if (wanted < 0) continue;
      if (this.#taken[wanted] !== this.#mark) {
        this.#taken[wanted] = this.#mark;
        this.#wantedBy[wanted] = object;
        continue;
      }
      shared = true;
      for (const sharer of [object, this.#wantedBy[wanted]]) {
        if (this.#shares[sharer] === 0) this.sharing++;
        this.#shares[sharer] = 1;
      }
    }
    return shared;
  }

  /** The best default box that is free still. */
  #nextBest(object: number): void {
    const { box, iou } = this.own;
    box[object] = -1;
    iou[object] = 0;
    const candidate = this.#candidate;
    candidate.iou = SMALLEST_OVERLAP;
    for (const grid of this.grids) {
      const isFree = (index: number): boolean => this.#taken[grid.first + index] !== this.#mark;
      if (!bestFreeBox(this.objects, object, grid, isFree, candidate)) continue;
      box[object] = grid.first + candidate.box;
      iou[object] = candidate.iou;
    }
  }
}
