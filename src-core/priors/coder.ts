/** Boxes as offsets from default boxes, and back (SPEC.md 3). */
import { clamp } from '../geometry/convert';

/** [centre, size], as in the configuration. */
export type Variances = readonly [number, number];

/** Decoded sizes stop here, so that a wild network cannot overflow exp: ln(1000/16), as torchvision and mmdetection. */
export const MAX_LOG_SIZE = Math.log(1000 / 16);

/**
 * Offsets (tx, ty, tw, th) of ground truth g relative to default box p:
 * tx = (gx - px) / pw / v0, tw = ln(gw / pw) / v1. Writes 4 numbers to `out` at 4 * prior.
 * @param corners ground truth, corner form [n, 4], unit coordinates, with area
 * @param centers default boxes [P, 4]
 */
export function encodeBox(
  corners: ArrayLike<number>,
  object: number,
  centers: ArrayLike<number>,
  prior: number,
  variances: Variances,
  out: Float32Array | Float64Array,
): void {
  const g = object * 4;
  const p = prior * 4;
  const width = corners[g + 2] - corners[g];
  const height = corners[g + 3] - corners[g + 1];
  out[p] = ((corners[g] + corners[g + 2]) / 2 - centers[p]) / centers[p + 2] / variances[0];
  out[p + 1] = ((corners[g + 1] + corners[g + 3]) / 2 - centers[p + 1]) / centers[p + 3] / variances[0];
  out[p + 2] = Math.log(width / centers[p + 2]) / variances[1];
  out[p + 3] = Math.log(height / centers[p + 3]) / variances[1];
}

/**
 * All boxes of a picture from the network's offsets: [P, 4] to corner form [P, 4], unit coordinates, not clipped.
 * x = px + v0 tx pw, w = pw exp(v1 tw), with v1 tw at most MAX_LOG_SIZE.
 */
export function decodeBoxes<Out extends Float32Array | Float64Array>(
  offsets: ArrayLike<number>,
  centers: ArrayLike<number>,
  variances: Variances,
  out: Out,
): Out {
  const [v0, v1] = variances;
  for (let p = 0; p < centers.length; p += 4) {
    const cx = centers[p] + v0 * offsets[p] * centers[p + 2];
    const cy = centers[p + 1] + v0 * offsets[p + 1] * centers[p + 3];
    const w = centers[p + 2] * Math.exp(Math.min(v1 * offsets[p + 2], MAX_LOG_SIZE));
    const h = centers[p + 3] * Math.exp(Math.min(v1 * offsets[p + 3], MAX_LOG_SIZE));
    out[p] = cx - w / 2;
    out[p + 1] = cy - h / 2;
    out[p + 2] = cx + w / 2;
    out[p + 3] = cy + h / 2;
  }
  return out;
}

/** Corner boxes [n, 4] to the part inside the picture, in place. */
export function clipBoxes(corners: Float32Array | Float64Array): void {
  for (let i = 0; i < corners.length; i++) corners[i] = clamp(corners[i], 0, 1);
}
