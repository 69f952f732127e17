/** One label is taken away from a small data set: the training points at the object. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { NO_AUGMENTATION } from '@core/augment/configuration';
import { classOf, rankSuspects } from '@core/experiment/suspects';
import { iou } from '@core/geometry/overlap';
import type { NetworkDescription } from '@core/network/description';
import { LayerList } from '@core/network/layers';
import { sourceMaps } from '@core/network/shapes';
import { generateDefaultBoxes } from '@core/priors/generate';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { SuspectWatch } from '../../../src-main/engine/suspect-watch';
import { BatchMaker } from '../../../src-main/images/batch-maker';
import type { SnapshotImage } from '../../../src-main/services/ports';
import { runFiles } from '../../../src-main/store/run-files';
import { drawDiscs } from '../../support/pictures';

const folder = mkdtempSync(join(tmpdir(), 'ssd-suspects-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BATCH = 8;
const STEPS = 240;
const defaultBoxes = {
  sources: [{ minSizes: [13, 20], maxSizes: [], aspectRatios: [], step: null }],
  clip: 'none',
  offset: 0.5,
  variances: [0.1, 0.2],
} as const;

/** Large enough for discs of two colours, small enough to learn them in seconds. */
function discNetwork(): NetworkDescription {
  const list = new LayerList();
  const block = (name: string, input: string, filters: number, stride: number) => {
    const x = list.convolution(name, input, filters, { kernel: 3, stride, padding: 1, bias: false });
    return list.activation(`${name}.relu`, list.batchNorm(`${name}.bn`, x, 0.1, 1e-5), 'relu');
  };
  const fine = block('one', 'input', 12, 2);
  const feature = block('three', block('two', fine, 24, 2), 24, 1);
  const localisation = list.convolution('loc', feature, 8, { kernel: 3, padding: 1 });
  const confidence = list.convolution('conf', feature, 6, { kernel: 3, padding: 1 });
  return {
    architecture: 'slim320',
    input: { width: 80, height: 60 },
    classes: 3,
    preprocessing: { channelOrder: 'rgb', mean: [127, 127, 127], std: [64, 64, 64] },
    layers: list.layers,
    sources: [{ feature, localisation, confidence, boxesPerCell: 2 }],
  };
}

/** The largest disc that no other one touches, in a picture with others. */
function largestAlone(images: readonly SnapshotImage[]) {
  const boxOf = ([, x1, y1, x2, y2]: SnapshotImage['objects'][number]) => ({ x1, y1, x2, y2 });
  const alone = images.flatMap(({ objects }, target) =>
    objects
      .filter(
        (own) => objects.length > 1 && objects.every((each) => each === own || iou(boxOf(each), boxOf(own)) === 0),
      )
      .map((object) => ({ target, object })),
  );
  return alone.reduce((best, next) =>
    next.object[3] - next.object[1] > best.object[3] - best.object[1] ? next : best,
  );
}

it('the object that lacks its label is suspected first, of the right class, and its file is read back', async () => {
  const complete = await drawDiscs(join(folder, 'pictures'), 24, 11);
  const { target, object } = largestAlone(complete);
  const [classIndex, x1, y1, x2, y2] = object;
  const images = complete.map((image, at) =>
    at === target ? { ...image, objects: image.objects.filter((each) => each !== object) } : image,
  );

  const description = discNetwork();
  const maps = sourceMaps(description);
  const { input, preprocessing } = description;
  const maker = new BatchMaker({
    images,
    input,
    preprocessing,
    defaultBoxes,
    maps,
    matchingThreshold: 0.5,
    matchingRule: 'bipartite',
    augment: { ...NO_AUGMENTATION, horizontalFlip: { probability: 0.5 }, verticalFlip: { probability: 0.5 } },
    batchSize: BATCH,
    seed: 3,
    cacheBytes: 1e8,
  });
  const model = new Model(await openEngine('wasm'), description, { seed: 3 });
  const trainer = new Trainer(model, {
    momentum: 0.9,
    weightDecay: 1e-4,
    alpha: 1,
    negativesPerPositive: 3,
    clipNorm: 20,
  });
  const boxes = generateDefaultBoxes(defaultBoxes, input, maps);
  const run = join(folder, 'run');
  const watch = new SuspectWatch(run, images, boxes, defaultBoxes);
  for (let step = 1; step <= STEPS; step++) {
    const batch = await maker.make(step - 1, null);
    await trainer.step(batch.images, batch, 0.06, (negatives) => watch.look(step, batch, negatives));
    if (step % 60 === 0) await watch.save(step);
  }
  trainer.dispose();
  model.dispose();

  const read = await runFiles.readSuspects(run);
  expect(read?.step).toBe(STEPS);
  const [first] = rankSuspects(read?.suspects ?? []);
  expect(first?.imageId).toBe(images[target].id);
  expect(iou(first.box, { x1, y1, x2, y2 })).toBeGreaterThan(0.6);
  expect(classOf(first)).toBe(classIndex);

  expect(readdirSync(join(run, 'suspects')).length).toBe(3);
  const resumed = new SuspectWatch(run, images, boxes, defaultBoxes);
  await resumed.restore(180);
  await resumed.save(180);
  expect((await runFiles.readSuspects(run))?.step).toBe(180);
  writeFileSync(join(run, 'suspects', 'step-00000180.json'), '{"version":1,"step":180,"susp');
  expect((await runFiles.readSuspects(run))?.step).toBe(120);
  await resumed.restore(0);
  expect(await runFiles.readSuspects(run)).toBeNull();
});
