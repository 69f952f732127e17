/** The objects that no default box reaches from the threshold on: what training can only force, or not learn at all. */
import type { Size } from '../geometry/convert';
import type { Coverage } from './coverage';
import { hasArea, type CoverageObjects } from './object-table';

/** One entry per missed object, worst first; objects with the same IoU in their own order. */
export interface MissedObjects {
  /** Position among the objects that were looked at. */
  readonly object: Int32Array;
  /** Its best IoU with any default box, that box and its source; 0 and -1 where none overlaps it. */
  readonly bestIou: Float32Array;
  readonly prior: Int32Array;
  readonly source: Int32Array;
  /** 1 where matching gives it one default box below the threshold by force, 0 where it gives none. */
  readonly forced: Uint8Array;
  /** In pixels of the network input; 0 without area. */
  readonly width: Float32Array;
  readonly height: Float32Array;
}

/** @param input size of the network input in pixels, which every picture is stretched to */
export function missedObjects(
  { bestIou, bestPrior, bestSource, ownPrior }: Coverage,
  objects: CoverageObjects,
  { input, threshold }: { readonly input: Size; readonly threshold: number },
): MissedObjects {
  const object = worstFirst(bestIou, threshold);
  const { length } = object;
  const missed = {
    object,
    bestIou: new Float32Array(length),
    prior: new Int32Array(length),
    source: new Int32Array(length),
    forced: new Uint8Array(length),
    width: new Float32Array(length),
    height: new Float32Array(length),
  };
  for (let at = 0; at < length; at++) {
    const i = object[at];
    missed.bestIou[at] = bestIou[i];
    missed.prior[at] = bestPrior[i];
    missed.source[at] = bestSource[i];
    missed.forced[at] = ownPrior[i] >= 0 ? 1 : 0;
    if (!hasArea(objects, i)) continue;
    missed.width[at] = (objects.x2[i] - objects.x1[i]) * input.width;
    missed.height[at] = (objects.y2[i] - objects.y1[i]) * input.height;
  }
  return missed;
}

/** Numbers are sorted natively: IoU as 24 bits above 24 bits of position, exact in a double. */
const FIELD = 2 ** 24;

function worstFirst(bestIou: Float32Array, threshold: number): Int32Array {
  const keys = new Float64Array(bestIou.length);
  let count = 0;
  for (let i = 0; i < bestIou.length; i++) {
    if (bestIou[i] < threshold) keys[count++] = Math.floor(bestIou[i] * FIELD) * FIELD + i;
  }
  return Int32Array.from(keys.subarray(0, count).sort(), (key) => key % FIELD);
}
