/** A data set's tables as the pictures that VOC's evaluation goes through. */
import type { CornerBox, ImagePx } from '../geometry/box';
import type { EvaluationTables } from './box-table';
import type { Detection } from './report';
import type { EvaluationImage, GroundTruth } from './voc';

/** Picture i has the id i; right and bottom are left plus width and top plus height. */
export function evaluationImages({ imageCount, groundTruths, detections }: EvaluationTables): EvaluationImage[] {
  const images = Array.from({ length: imageCount }, (_, imageId) => ({
    imageId,
    groundTruths: [] as GroundTruth[],
    detections: [] as Detection[],
  }));
  groundTruths.image.forEach((image, i) =>
    images[image].groundTruths.push({
      classIndex: groundTruths.category[i],
      box: cornerBox(groundTruths.boxes, i),
      difficult: groundTruths.difficult[i] === 1,
    }),
  );
  detections.image.forEach((image, i) =>
    images[image].detections.push({
      classIndex: detections.category[i],
      score: detections.score[i],
      box: cornerBox(detections.boxes, i),
    }),
  );
  return images;
}

function cornerBox(boxes: Float64Array, i: number): CornerBox<ImagePx> {
  const [x, y, width, height] = boxes.subarray(i * 4, i * 4 + 4);
  return { x1: x, y1: y, x2: x + width, y2: y + height };
}
