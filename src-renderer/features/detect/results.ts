/** Detections read at a confidence threshold. The detector answers everything from 0.01 up, so the slider asks nothing again. */
import type { DetectedImage } from '@core/contract/runs';
import type { Detection } from '@core/evaluation/report';

export function atThreshold(detections: readonly Detection[], threshold: number): readonly Detection[] {
  return detections.filter((detection) => detection.score >= threshold);
}

/** Detections of each class over all pictures at the threshold; index = class index. */
export function classCounts(
  images: readonly Pick<DetectedImage, 'detections'>[],
  threshold: number,
  classes: number,
): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const image of images)
    for (const detection of atThreshold(image.detections, threshold))
      if (detection.classIndex < classes) counts[detection.classIndex]++;
  return counts;
}

/** Median milliseconds per picture of those that could be read, or null. */
export function medianMilliseconds(images: readonly Pick<DetectedImage, 'milliseconds' | 'problem'>[]): number | null {
  const times = images
    .filter((image) => image.problem === null)
    .map((image) => image.milliseconds)
    .sort((a, b) => a - b);
  if (times.length === 0) return null;
  const middle = times.length >> 1;
  return times.length % 2 === 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
}

/** A reason as a sentence of its own: "the file is empty" -> "The file is empty." */
export function asSentence(reason: string): string {
  const text = reason.trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
