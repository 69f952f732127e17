/** Average precision on the validation pictures while a run trains. */
import type { ValidationRecord } from '@core/experiment/run';
import type { EvaluationImage } from '@core/evaluation/pictures';
import type { Size } from '@core/geometry/convert';
import { evaluateVoc } from '@core/evaluation/voc';
import { ImageError } from '../images/image-error';
import type { PictureSource } from '../images/picture-source';
import type { SnapshotImage } from '../services/ports';
import type { Predictor } from './predict';

const BATCH = 8;

export interface Validated {
  readonly record: ValidationRecord;
  /** Every picture with its objects and what was found in it, in the order they were given. */
  readonly images: readonly EvaluationImage[];
}

/**
 * VOC all-point average precision at IoU 0.5. A picture that cannot be read counts with its objects unfound.
 * @param interrupted asked between batches; when it says so the result is null
 */
export async function validate(
  predictor: Predictor,
  images: readonly SnapshotImage[],
  decode: PictureSource['decode'],
  classNames: readonly string[],
  step: number,
  interrupted: () => Promise<boolean>,
): Promise<Validated | null> {
  const evaluated: EvaluationImage[] = [];
  const { width, height } = predictor.model.description.input;
  const read = (some: readonly SnapshotImage[]) => readBatch(some, decode, { width: 2 * width, height: 2 * height });
  let next = read(images.slice(0, BATCH));
  for (let i = 0; i < images.length; i += BATCH) {
    const batch = await next;
    // Decoding runs in other threads while this one computes.
    next = read(images.slice(i + BATCH, i + 2 * BATCH));
    const readable = batch.flatMap(({ image, pixels }) => (pixels === null ? [] : [{ image, pixels }]));
    const found = await predictor.detect(
      readable.map(({ pixels }) => pixels),
      readable.map(({ image }) => image),
    );
    const detections = new Map(readable.map(({ image }, k) => [image.id, found[k]]));
    for (const { image } of batch) {
      evaluated.push({
        imageId: image.id,
        groundTruths: image.objects.map(([classIndex, x1, y1, x2, y2, difficult]) => ({
          classIndex,
          box: { x1, y1, x2, y2 },
          difficult: difficult === 1,
        })),
        detections: detections.get(image.id) ?? [],
      });
    }
    if (await interrupted()) {
      await next.catch(() => {});
      return null;
    }
  }
  const { meanAveragePrecision, classes } = evaluateVoc({ classNames, images: evaluated, metric: 'voc' });
  if (meanAveragePrecision === null) return null;
  const averagePrecision = classes.map(({ className, averagePrecision }) => ({ className, value: averagePrecision }));
  return { record: { step, meanAveragePrecision, averagePrecision }, images: evaluated };
}

function readBatch(images: readonly SnapshotImage[], decode: PictureSource['decode'], within: Size) {
  return Promise.all(
    images.map(async (image) => ({
      image,
      pixels: await decode(image.path, within).catch((error: unknown) => {
        if (error instanceof ImageError) return null;
        throw error;
      }),
    })),
  );
}
