/**
 * The objects as a run with random augmentation would see them: for each picture several plans are drawn as training draws them,
 * and what they leave of the objects stands for the run. The same seed gives the same objects.
 */
import type { AugmentConfiguration } from '../augment/configuration';
import { planAugmentation } from '../augment/plan';
import type { CornerBox, ImagePx } from '../geometry/box';
import type { Size } from '../geometry/convert';
import { Random } from '../random/random';
import { objectTable } from './object-table';
import type { ReportObjects } from './coverage-report';

export interface AugmentedObjects {
  /** What is left of the objects, in unit coordinates of the network input; every view is a picture of its own. */
  readonly objects: ReportObjects;
  /** Per object of `objects`: its position among those given. */
  readonly source: Int32Array;
  readonly views: number;
  /** Pictures that views were drawn of. */
  readonly pictures: number;
  /** Objects that were in no view any more, summed over the views. */
  readonly dropped: number;
}

/** With the size of each object's picture in pixels, on which shear and rotation depend. */
export interface SizedObjects extends ReportObjects {
  readonly imageWidth: ArrayLike<number>;
  readonly imageHeight: ArrayLike<number>;
}

/** How many plans are drawn. */
export interface Views {
  readonly perPicture: number;
  /** Of so many pictures with objects at most, spread evenly over all. */
  readonly pictures?: number;
}

export function augmentObjects(
  objects: SizedObjects,
  configuration: AugmentConfiguration,
  { perPicture, pictures: most = Infinity }: Views,
  seed: number,
): AugmentedObjects {
  const table = objectTable(objects);
  const pictures = Math.min(most, table.pictures);
  const chosenBefore = (picture: number): number => Math.floor((picture * pictures) / table.pictures);
  const rows: { imageId: number; classId: number; box: { x1: number; y1: number; x2: number; y2: number } }[] = [];
  const source: number[] = [];
  let views = 0;
  let dropped = 0;
  for (let picture = 0; picture < table.pictures; picture++) {
    if (chosenBefore(picture) === chosenBefore(picture + 1)) continue;
    const members = table.order.subarray(table.starts[picture], table.starts[picture + 1]);
    const imageId = objects.imageId[members[0]];
    const size = { width: objects.imageWidth[members[0]], height: objects.imageHeight[members[0]] };
    const boxes = Array.from(members, (i) => boxInPixels(objects, i, size));
    for (let view = 0; view < perPicture; view++) {
      const plan = planAugmentation(configuration, Random.seeded(seed, imageId, view), size, boxes);
      dropped += plan.dropped.length;
      for (const { index, box } of plan.boxes) {
        rows.push({ imageId: views, classId: objects.classId[members[index]], box });
        source.push(members[index]);
      }
      views++;
    }
  }
  return {
    objects: {
      imageId: Int32Array.from(rows, (row) => row.imageId),
      classId: Float64Array.from(rows, (row) => row.classId),
      x1: Float64Array.from(rows, ({ box }) => box.x1),
      y1: Float64Array.from(rows, ({ box }) => box.y1),
      x2: Float64Array.from(rows, ({ box }) => box.x2),
      y2: Float64Array.from(rows, ({ box }) => box.y2),
    },
    source: Int32Array.from(source),
    views,
    pictures,
    dropped,
  };
}

const boxInPixels = ({ x1, y1, x2, y2 }: ReportObjects, i: number, { width, height }: Size): CornerBox<ImagePx> => ({
  x1: x1[i] * width,
  y1: y1[i] * height,
  x2: x2[i] * width,
  y2: y2[i] * height,
});
