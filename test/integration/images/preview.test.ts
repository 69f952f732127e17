/** What people are shown of a training is what the training gets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreviewedPicture } from '@core/contract/preview';
import { suggestConfiguration } from '@core/experiment/suggest';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { describeRunNetwork } from '../../../src-main/engine/run-network';
import { BatchMaker } from '../../../src-main/images/batch-maker';
import { loaderSettings } from '../../../src-main/images/loader-settings';
import { PictureCache } from '../../../src-main/images/picture-cache';
import { inputToRgb, previewBatch } from '../../../src-main/images/preview-pictures';
import type { BatchPreview, RunSnapshot, SnapshotImage } from '../../../src-main/services/ports';
import { runFiles } from '../../../src-main/store/run-files';
import { createPreviewThread } from '../../../src-main/workers/preview-thread';
import { builtWorker } from '../../support/build';
import { drawDiscs } from '../../support/pictures';

const classNames = ['red', 'blue'];
const noObjects = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] };
let folder: string;
let images: readonly SnapshotImage[];
let preview: BatchPreview;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-preview-'));
  images = await drawDiscs(folder, 7);
  preview = createPreviewThread(pathToFileURL(builtWorker('preview')));
});
afterAll(async () => {
  await preview.close();
  rmSync(folder, { recursive: true, force: true });
});

function snapshotOf(change: Partial<RunConfiguration> = {}): RunSnapshot {
  const facts = { classes: 2, trainImages: 7, objects: noObjects };
  const preprocessing = { channelOrder: 'bgr', mean: [104, 117, 123], std: [1, 1, 1] } as const;
  const suggested = suggestConfiguration({ ...defaultChoice('ssd300'), preprocessing }, facts, null);
  const augment = {
    ...suggested.augment,
    shear: { probability: 0.5, maxFactor: 0.2 },
    rotation: { probability: 0.5, maxDegrees: 10 },
    channelShuffle: { probability: 0.5 },
  };
  const configuration = { ...suggested, batchSize: 4, seed: 11, augment, ...change };
  return { version: 1, configuration, classNames, datasetHash: '', train: images, val: [] };
}
const settingsOf = (snapshot: RunSnapshot) =>
  loaderSettings(snapshot, describeRunNetwork(snapshot.configuration, classNames), 1e8);

describe('the preview of a training', () => {
  it('has the tensor and the positives of the batch that the loader makes for the same step', async () => {
    const settings = settingsOf(snapshotOf());
    for (const step of [0, 5]) {
      const batch = await new BatchMaker(settings).make(step, null);
      const { images: shown } = await new BatchMaker(settings).show(step, 4);
      expect(Buffer.from(shown.buffer).equals(Buffer.from(batch.images.buffer))).toBe(true);
      const cache = new PictureCache(settings.input, 1e8);
      const { pictures } = await previewBatch(settings, step, 4, cache);
      expect(pictures.map(({ imageId }) => imageId)).toEqual(batch.imageIds);
      const positives = settings.maps.map((_, k) => pictures.reduce((sum, p) => sum + p.positivesPerSource[k], 0));
      expect(positives).toEqual(batch.positivesPerSource);
    }
  });

  it('shows the first pictures of the batch, its values back as RGB of 0 to 255', async () => {
    const snapshot = snapshotOf();
    const settings = settingsOf(snapshot);
    const batch = await new BatchMaker(settings).make(3, null);
    const answer = await preview.show({ of: snapshot, step: 3, count: 2 });
    expect(answer.pictures.map(({ imageId }) => imageId)).toEqual(batch.imageIds.slice(0, 2));
    expect(answer.trainImages).toBe(7);
    const { mean, channelOrder } = settings.preprocessing;
    expect(channelOrder).toBe('bgr');
    answer.pictures.forEach(({ pixels }, slot) => {
      const from = slot * pixels.length;
      for (let i = 0; i < pixels.length; i += 3) {
        // BGR minus its mean, as the network gets it.
        const values = batch.images.subarray(from + i, from + i + 3);
        const back = [values[2] + mean[2], values[1] + mean[1], values[0] + mean[0]];
        const off = back.findIndex((value, c) => Math.abs(value - pixels[i + c]) > 0.501);
        if (off >= 0) expect.fail(`pixel ${i / 3} of place ${slot}: ${String(back)} is shown as another`);
      }
    });
    expect(inputToRgb(Float32Array.of(1, 2, 3), { channelOrder: 'bgr', mean: [0, 0, 0], std: [1, 2, 1] })).toEqual(
      Uint8Array.of(3, 4, 1),
    );
  });

  it('accounts for every object, and says what is still seen of one that was dropped', async () => {
    const zoomed = snapshotOf();
    const augment = {
      ...zoomed.configuration.augment,
      zoomIn: { probability: 1, minScale: 0.3, rule: 'atLeastOne' },
    } as const;
    const pictures: PreviewedPicture[] = [];
    for (let step = 0; step < 6; step++) {
      const answer = await preview.show({ of: snapshotOf({ augment }), step, count: 4 });
      pictures.push(...answer.pictures);
    }
    for (const { objects, boxes, dropped } of pictures) {
      expect([...boxes, ...dropped].map(({ index }) => index).sort((a, b) => a - b)).toEqual(objects.map((_, i) => i));
      for (const { seen } of dropped) if (seen) expect(seen.x2 > seen.x1 && seen.x1 >= 0 && seen.x2 <= 1).toBe(true);
    }
    const dropped = pictures.flatMap((picture) => picture.dropped);
    expect(dropped.length).toBeGreaterThan(3);
    expect(dropped.some(({ seen }) => seen === null)).toBe(true);
    expect(dropped.some(({ seen }) => seen !== null)).toBe(true);
  });

  it('answers the newest question and drops one that waits for it', async () => {
    const ask = (step: number) => preview.show({ of: snapshotOf(), step, count: 1 });
    const [first, second, third] = [ask(0), ask(1), ask(2)];
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    expect((await first).pictures).toHaveLength(1);
    expect((await third).pictures[0].imageId).toBe((await ask(2)).pictures[0].imageId);
  });

  it('shows a run as its snapshot has it, and says when that cannot be read', async () => {
    const runDirectory = join(folder, 'run');
    await runFiles.writeSnapshot(runDirectory, snapshotOf({ seed: 99 }));
    const answer = await preview.show({ of: { runDirectory }, step: 1, count: 4 });
    const same = await preview.show({ of: snapshotOf({ seed: 99 }), step: 1, count: 4 });
    expect(answer.pictures).toEqual(same.pictures);
    expect(answer.configuration.seed).toBe(99);
    const nowhere = { runDirectory: join(folder, 'nowhere') };
    await expect(preview.show({ of: nowhere, step: 0, count: 1 })).rejects.toThrow(
      /snapshot of this run cannot be read/,
    );
  });

  it('names pictures that cannot be read and shows the next in their places', async () => {
    const broken = join(folder, 'broken.png');
    writeFileSync(broken, 'no picture');
    const train = images.map((image, i) => (i === 2 ? { ...image, path: broken } : image));
    const { pictures, unreadable } = await preview.show({
      of: { ...snapshotOf({ batchSize: 7 }), train },
      step: 0,
      count: 7,
    });
    expect(pictures).toHaveLength(7);
    expect(unreadable).toEqual([{ imageId: 3, message: expect.stringMatching(/broken\.png: this is not a picture/) }]);
  });

  it('goes on after its thread was closed', async () => {
    await preview.close();
    expect((await preview.show({ of: snapshotOf(), step: 0, count: 1 })).pictures).toHaveLength(1);
  });
});
