/** A data set's tables as the pictures that a report shows, and the reverse. */
import type { CornerBox, ImagePx } from '../geometry/box';
import type { EvaluationTables } from './box-table';
import type { EvaluationImage, GroundTruth } from './pictures';
import type { Detection } from './report';

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
      crowd: groundTruths.crowd[i] === 1,
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

/** Objects have the area of their boxes and are numbered from 1; what belongs to no class of the list is left out. */
export function evaluationTables(images: readonly EvaluationImage[], classNames: readonly string[]): EvaluationTables {
  const isKnown = ({ classIndex }: { readonly classIndex: number }): boolean => classIndex < classNames.length;
  const objects = images.flatMap(({ groundTruths }, image) =>
    groundTruths.filter(isKnown).map((object) => ({ image, ...object })),
  );
  const found = images.flatMap(({ detections }, image) =>
    detections.filter(isKnown).map((detection) => ({ image, ...detection })),
  );
  return {
    imageCount: images.length,
    classNames,
    groundTruths: {
      ...columns(objects),
      area: Float64Array.from(objects, ({ box: { x1, y1, x2, y2 } }) => (x2 - x1) * (y2 - y1)),
      crowd: Uint8Array.from(objects, ({ crowd }) => Number(crowd === true)),
      difficult: Uint8Array.from(objects, ({ difficult }) => Number(difficult)),
      id: Float64Array.from(objects, (_, i) => i + 1),
    },
    detections: { ...columns(found), score: Float64Array.from(found, ({ score }) => score) },
  };
}

function columns(
  rows: readonly { readonly image: number; readonly classIndex: number; readonly box: CornerBox<ImagePx> }[],
) {
  return {
    image: Int32Array.from(rows, ({ image }) => image),
    category: Int32Array.from(rows, ({ classIndex }) => classIndex),
    boxes: Float64Array.from(rows.flatMap(({ box: { x1, y1, x2, y2 } }) => [x1, y1, x2 - x1, y2 - y1])),
  };
}

function cornerBox(boxes: Float64Array, i: number): CornerBox<ImagePx> {
  const [x, y, width, height] = boxes.subarray(i * 4, i * 4 + 4);
  return { x1: x, y1: y, x2: x + width, y2: y + height };
}
