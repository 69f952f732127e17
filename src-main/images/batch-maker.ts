/** Makes training batches: read, augment, warp, match. Runs in the loader's thread; tests call it directly. */
import { planAugmentation } from '@core/augment/plan';
import { PictureOrder } from '@core/experiment/picture-order';
import { generateDefaultBoxes, type DefaultBoxes } from '@core/priors/generate';
import { createTargets, matchTargets } from '@core/priors/match';
import { Random } from '@core/random/random';
import type { SnapshotImage } from '../services/ports';
import type { Batch, LoaderSettings } from './batch';
import type { RgbImage } from './decode';
import { ImageError } from './image-error';
import { photometricOperation } from './photometric';
import { PictureCache } from './picture-cache';
import { warp } from './warp';

/** The memory of a batch, used again for a later one. */
export type BatchBuffers = Pick<Batch, 'images' | 'labels' | 'offsets'>;

export class BatchMaker {
  private readonly order: PictureOrder;
  private readonly cache: PictureCache;
  private readonly defaultBoxes: DefaultBoxes;
  private readonly targets: ReturnType<typeof createTargets>;
  private readonly reported = new Set<number>();

  /** @throws RangeError without pictures */
  constructor(private readonly settings: LoaderSettings) {
    this.order = new PictureOrder(settings.seed, settings.images.length);
    this.cache = new PictureCache(settings.input, settings.cacheBytes);
    this.defaultBoxes = generateDefaultBoxes(settings.defaultBoxes, settings.input, settings.maps);
    this.targets = createTargets(this.defaultBoxes.total);
  }

  /**
   * The batch of a step, from 0. Pictures that cannot be read are left out: the next readable one of the list takes their place.
   * @throws Error when no picture can be read
   */
  async make(step: number, buffers: BatchBuffers | null): Promise<Batch> {
    const { batchSize, input } = this.settings;
    const priors = this.defaultBoxes.total;
    const batch = buffers ?? {
      images: new Float32Array(batchSize * input.width * input.height * 3),
      labels: new Int32Array(batchSize * priors),
      offsets: new Float32Array(batchSize * priors * 4),
    };
    const showings = Array.from({ length: batchSize }, (_, i) => this.order.at(step * batchSize + i));
    const found = await Promise.all(showings.map(({ index }) => this.readable(index)));
    const positivesPerSource = this.settings.maps.map(() => 0);
    showings.forEach(({ epoch, index }, slot) => {
      const random = Random.seeded(this.settings.seed, epoch, index);
      this.place(found[slot].image, found[slot].pixels, random, batch, slot, positivesPerSource);
    });
    return {
      ...batch,
      step,
      positivesPerSource,
      imageIds: found.map(({ image }) => image.id),
      skipped: this.newlySkipped(found.flatMap(({ unreadable }) => unreadable)),
    };
  }

  /** Draws the picture's augmentation and writes pixels and targets to its slot of the batch. */
  private place(
    image: SnapshotImage,
    pixels: RgbImage,
    random: Random,
    batch: BatchBuffers,
    slot: number,
    positivesPerSource: number[],
  ): void {
    const { input, preprocessing, augment, defaultBoxes, matchingThreshold, matchingRule } = this.settings;
    const boxes = image.objects.map(([, x1, y1, x2, y2]) => ({ x1, y1, x2, y2 }));
    const plan = planAugmentation(augment, random, image, boxes);
    const offset = slot * input.width * input.height * 3;
    warp(pixels, image, plan.view, input, preprocessing, batch.images, offset, photometricOperation(plan.photometric));
    const targets = matchTargets(
      {
        corners: plan.boxes.flatMap(({ box }) => [box.x1, box.y1, box.x2, box.y2]),
        // Class 0 is background.
        classIndex: plan.boxes.map(({ index }) => image.objects[index][0] + 1),
      },
      this.defaultBoxes,
      matchingThreshold,
      defaultBoxes.variances,
      this.targets,
      matchingRule,
    );
    batch.labels.set(targets.labels, slot * targets.labels.length);
    batch.offsets.set(targets.offsets, slot * targets.offsets.length);
    this.countPositives(targets.labels, positivesPerSource);
  }

  private countPositives(labels: Int32Array, positivesPerSource: number[]): void {
    const { offsets } = this.defaultBoxes;
    for (let source = 0; source < positivesPerSource.length; source++) {
      for (let prior = offsets[source]; prior < offsets[source + 1]; prior++) {
        if (labels[prior] > 0) positivesPerSource[source]++;
      }
    }
  }

  private async readable(index: number): Promise<{
    readonly image: SnapshotImage;
    readonly pixels: RgbImage;
    readonly unreadable: readonly { readonly imageId: number; readonly message: string }[];
  }> {
    const { images } = this.settings;
    const unreadable: { imageId: number; message: string }[] = [];
    for (let i = 0; i < images.length; i++) {
      const image = images[(index + i) % images.length];
      try {
        return { image, pixels: await this.cache.read(image.path), unreadable };
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        unreadable.push({ imageId: image.id, message: error.message });
      }
    }
    throw new Error(`None of the ${images.length} training pictures can be read; the first: ${unreadable[0].message}`);
  }

  private newlySkipped(unreadable: readonly { readonly imageId: number; readonly message: string }[]) {
    return unreadable.filter(({ imageId }) => !this.reported.has(imageId) && this.reported.add(imageId));
  }
}
