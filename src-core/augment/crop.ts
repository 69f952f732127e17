/** Zoom in: Caffe's batch sampler (SPEC.md 6.1, Crop). */
import type { CornerBox, ImagePx } from '../geometry/box';
import { iou } from '../geometry/overlap';
import type { Random } from '../random/random';
import type { CropRule } from './configuration';

/** Least IoU of the crop with an object, one sampler each; 0 is the sampler that takes any crop. */
const MIN_OVERLAPS = [0.1, 0.3, 0.5, 0.7, 0.9, 0];
const TRIALS = 50;
const ASPECT_RATIOS = [0.5, 2] as const;

/**
 * Every sampler looks for a crop in up to 50 trials; one of those found and the whole canvas is taken, each as likely as another.
 * Without objects there is nothing to overlap, and the whole canvas remains (as in Caffe).
 * @param objects none degenerate
 */
export function drawCrop(
  canvas: CornerBox<ImagePx>,
  objects: readonly CornerBox<ImagePx>[],
  { minScale, rule }: { readonly minScale: number; readonly rule: CropRule },
  random: Random,
): CornerBox<ImagePx> {
  const found = [canvas];
  if (objects.length === 0) return canvas;
  for (const minOverlap of MIN_OVERLAPS) {
    for (let trial = 0; trial < TRIALS; trial++) {
      const crop = drawRectangle(canvas, minScale, random);
      const overlaps = (object: CornerBox<ImagePx>) => iou(crop, object) >= minOverlap;
      if (!(rule === 'all' ? objects.every(overlaps) : objects.some(overlaps))) continue;
      found.push(crop);
      break;
    }
  }
  return found[random.integer(found.length)];
}

/** Scale s = U(minScale, 1), aspect ratio a = U(.5, 2) within [s^2, 1/s^2] so that s*sqrt(a) by s/sqrt(a) of the canvas fits in it. */
function drawRectangle(canvas: CornerBox<ImagePx>, minScale: number, random: Random): CornerBox<ImagePx> {
  const scale = random.uniform(minScale, 1);
  const ratio = random.uniform(Math.max(ASPECT_RATIOS[0], scale ** 2), Math.min(ASPECT_RATIOS[1], 1 / scale ** 2));
  const width = Math.min(scale * Math.sqrt(ratio), 1) * (canvas.x2 - canvas.x1);
  const height = Math.min(scale / Math.sqrt(ratio), 1) * (canvas.y2 - canvas.y1);
  const x1 = random.uniform(canvas.x1, canvas.x2 - width);
  const y1 = random.uniform(canvas.y1, canvas.y2 - height);
  return { x1, y1, x2: x1 + width, y2: y1 + height };
}
