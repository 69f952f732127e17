import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_AUGMENTATION } from '@core/augment/configuration';
import { SUGGESTED_AUGMENTATION } from '@core/experiment/suggest';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { sourceMaps } from '@core/network/shapes';
import { boxesPerCell } from '@core/priors/configuration';
import { decodeBoxes } from '@core/priors/coder';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { Batch, LoaderSettings } from '../../../src-main/images/batch';
import { BatchMaker } from '../../../src-main/images/batch-maker';
import { drawDiscs } from '../../support/pictures';

let folder: string;
let settings: LoaderSettings;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-batch-'));
  const network = defaultChoice('slim320');
  const defaultBoxes = presetDefaultBoxes(network);
  const description = buildNetwork(network, 3, defaultBoxes.sources.map(boxesPerCell));
  settings = {
    images: await drawDiscs(folder, 7),
    input: network.input,
    preprocessing: description.preprocessing,
    defaultBoxes,
    maps: sourceMaps(description),
    matchingThreshold: 0.5,
    matchingRule: 'bipartite',
    augment: { ...SUGGESTED_AUGMENTATION, verticalFlip: { probability: 0.5 } },
    batchSize: 4,
    seed: 5,
    cacheBytes: 1e8,
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const copy = (batch: Batch): Batch => structuredClone(batch);
/** Comparing half a million numbers one by one takes seconds; their hash does not. */
const digest = ({ images, labels, offsets, ...rest }: Batch) => ({
  ...rest,
  arrays: [images, labels, offsets].map((array) => createHash('sha256').update(array).digest('hex')),
});

describe('making training batches', () => {
  it('makes the same batch for the same step, whatever came before and whether pictures are kept in memory', async () => {
    const running = new BatchMaker(settings);
    const batches: Batch[] = [];
    for (let step = 0; step < 4; step++)
      batches.push(copy(await running.make(step, batches[0] ? copy(batches[0]) : null)));
    expect(digest(await new BatchMaker(settings).make(3, null))).toEqual(digest(batches[3]));
    expect(digest(await new BatchMaker({ ...settings, cacheBytes: 0 }).make(2, null))).toEqual(digest(batches[2]));
    const other = await new BatchMaker({ ...settings, seed: 6 }).make(3, null);
    expect(digest(other).arrays[0]).not.toBe(digest(batches[3]).arrays[0]);
  });

  it('augments a picture differently each time it is shown', async () => {
    const one = new BatchMaker({ ...settings, images: settings.images.slice(0, 1), batchSize: 2 });
    const { images } = await one.make(0, null);
    const [first, second] = [images.subarray(0, images.length / 2), images.subarray(images.length / 2)];
    expect(first.every((value, i) => value === second[i])).toBe(false);
  });

  it('teaches boxes that lie on the coloured pixels, through every augmentation', async () => {
    const { input, maps, defaultBoxes, batchSize } = settings;
    const boxes = generateDefaultBoxes(defaultBoxes, input, maps);
    const shape = { ...settings, augment: { ...settings.augment, photometric: NO_AUGMENTATION.photometric } };
    const maker = new BatchMaker(shape);
    let checked = 0;
    for (let step = 0; step < 5; step++) {
      const batch = await maker.make(step, null);
      for (let n = 0; n < batchSize; n++) {
        const offsets = batch.offsets.subarray(n * boxes.total * 4, (n + 1) * boxes.total * 4);
        const corners = decodeBoxes(offsets, boxes.centers, defaultBoxes.variances, new Float32Array(boxes.total * 4));
        for (let prior = 0; prior < boxes.total; prior++) {
          const label = batch.labels[n * boxes.total + prior];
          if (label === 0) continue;
          const x = Math.floor(((corners[prior * 4] + corners[prior * 4 + 2]) / 2) * input.width);
          const y = Math.floor(((corners[prior * 4 + 1] + corners[prior * 4 + 3]) / 2) * input.height);
          const at = ((n * input.height + y) * input.width + x) * 3;
          const [r, , b] = [0, 1, 2].map((c) => batch.images[at + c]);
          // Later discs may lie over earlier ones: most centres show their own colour.
          checked += (label === 1 ? r > b : b > r) ? 1 : -3;
        }
      }
      expect(batch.positivesPerSource.reduce((sum, count) => sum + count, 0)).toBe(
        batch.labels.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0),
      );
    }
    expect(checked).toBeGreaterThan(100);
  });

  it('leaves out pictures that are missing or corrupt, reports each once, and fills their places', async () => {
    const corrupt = join(folder, 'corrupt.png');
    writeFileSync(corrupt, 'no picture');
    const images = settings.images.map((image, i) =>
      i === 2 ? { ...image, path: corrupt } : i === 3 ? { ...image, path: join(folder, 'gone.png') } : image,
    );
    const maker = new BatchMaker({ ...settings, images, batchSize: 7 });
    const [first, second] = [await maker.make(0, null), await maker.make(1, null)];
    expect(first.skipped.map(({ imageId }) => imageId).sort()).toEqual([3, 4]);
    expect(first.skipped.map(({ message }) => message).join()).toMatch(/corrupt\.png: this is not a picture/);
    expect(first.skipped.map(({ message }) => message).join()).toMatch(/gone\.png: the file does not exist/);
    expect(second.skipped).toEqual([]);
    expect([...first.imageIds].sort()).toEqual([1, 2, 5, 5, 5, 6, 7]);
  });

  it('goes on when a picture vanishes during the training, and uses those in memory without their files', async () => {
    const [vanishing] = await drawDiscs(join(folder, 'vanishing'), 1, 9);
    const images = [vanishing, ...settings.images.slice(1)];
    const kept = new BatchMaker({ ...settings, images, batchSize: 7 });
    const unkept = new BatchMaker({ ...settings, images, batchSize: 7, cacheBytes: 0 });
    for (const maker of [kept, unkept]) expect((await maker.make(0, null)).skipped).toEqual([]);
    rmSync(vanishing.path);
    expect((await kept.make(1, null)).skipped).toEqual([]);
    const { skipped, imageIds } = await unkept.make(1, null);
    expect(skipped.map(({ imageId }) => imageId)).toEqual([1]);
    expect(imageIds).not.toContain(1);
  });

  it('gives up only when no picture can be read', async () => {
    const images = settings.images.map((image) => ({ ...image, path: join(folder, 'none.png') }));
    await expect(new BatchMaker({ ...settings, images }).make(0, null)).rejects.toThrow(
      /None of the 7 training pictures/,
    );
  });
});
