/** Makes training batches: read, augment, warp, match. Runs in the loader's thread; tests call it directly. */
import { planAugmentation, type AugmentPlan } from '@core/augment/plan';
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

/** One place of a batch: the picture, what was drawn for it, and what its default boxes learn. */
export interface Shown {
  readonly image: SnapshotImage;
  readonly plan: AugmentPlan;
  readonly positivesPerSource: readonly number[];
}

type Unreadable = Batch['skipped'];

export class BatchMaker {
  private readonly order: PictureOrder;
  private readonly defaultBoxes: DefaultBoxes;
  private readonly targets: ReturnType<typeof createTargets>;
  private readonly reported = new Set<number>();

  /**
   * @param cache one that is kept when the settings change; its pictures are for the same input size
   * @throws RangeError without pictures
   */
  constructor(
    private readonly settings: LoaderSettings,
    private readonly cache = new PictureCache(settings.input, settings.cacheBytes),
  ) {
    this.order = new PictureOrder(settings.seed, settings.images.length);
    this.defaultBoxes = generateDefaultBoxes(settings.defaultBoxes, settings.input, settings.maps);
    this.targets = createTargets(this.defaultBoxes.total);
  }

  /**
   * The batch of a step, from 0. Pictures that cannot be read are left out: the next readable one of the list takes their place.
   * @throws Error when no picture can be read
   */
  async make(step: number, buffers: BatchBuffers | null): Promise<Batch> {
    const { batchSize, maps } = this.settings;
    const batch = buffers ?? this.buffersFor(batchSize);
    const { shown, unreadable } = await this.fill(step, batchSize, batch);
    return {
      ...batch,
      step,
      positivesPerSource: maps.map((_, k) => shown.reduce((sum, each) => sum + each.positivesPerSource[k], 0)),
      imageIds: shown.map(({ image }) => image.id),
      views: shown.map(({ plan }) => plan.view),
      skipped: unreadable.filter(({ imageId }) => !this.reported.has(imageId) && this.reported.add(imageId)),
    };
  }

  /** The first `count` pictures of the batch of a step, as `make` writes them, with what was drawn for each. */
  async show(
    step: number,
    count: number,
  ): Promise<{ readonly images: Float32Array; readonly shown: readonly Shown[]; readonly unreadable: Unreadable }> {
    const places = Math.min(count, this.settings.batchSize);
    const { images, ...rest } = this.buffersFor(places);
    return { images, ...(await this.fill(step, places, { images, ...rest })) };
  }

  private buffersFor(places: number): BatchBuffers {
    const { width, height } = this.settings.input;
    const priors = this.defaultBoxes.total;
    return {
      images: new Float32Array(places * width * height * 3),
      labels: new Int32Array(places * priors),
      offsets: new Float32Array(places * priors * 4),
    };
  }

  private async fill(
    step: number,
    places: number,
    batch: BatchBuffers,
  ): Promise<{ readonly shown: readonly Shown[]; readonly unreadable: Unreadable }> {
    const { batchSize, seed } = this.settings;
    const showings = Array.from({ length: places }, (_, i) => this.order.at(step * batchSize + i));
    const found = await Promise.all(showings.map(({ index }) => this.readable(index)));
    const shown = showings.map(({ epoch, index }, slot) => {
      const { image, pixels } = found[slot];
      return this.place(image, pixels, Random.seeded(seed, epoch, index), batch, slot);
    });
    return { shown, unreadable: found.flatMap(({ unreadable }) => unreadable) };
  }

  /** Draws the picture's augmentation and writes pixels and targets to its slot of the batch. */
  private place(image: SnapshotImage, pixels: RgbImage, random: Random, batch: BatchBuffers, slot: number): Shown {
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
    return { image, plan, positivesPerSource: this.countPositives(targets.labels) };
  }

  private countPositives(labels: Int32Array): number[] {
    const { offsets } = this.defaultBoxes;
    return this.settings.maps.map((_, source) => {
      let positives = 0;
      for (let prior = offsets[source]; prior < offsets[source + 1]; prior++) if (labels[prior] > 0) positives++;
      return positives;
    });
  }

  private async readable(index: number): Promise<{
    readonly image: SnapshotImage;
    readonly pixels: RgbImage;
    readonly unreadable: Unreadable;
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
}
