/** The measurements of training.mjs. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { EngineChoice } from '@core/experiment/run';
import { SUGGESTED_AUGMENTATION } from '@core/experiment/suggest';
import type { ArchitectureId } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';
import { openEngine } from '../../src-main/engine/engines';
import { Model } from '../../src-main/engine/executor';
import { DeviceGradients } from '../../src-main/engine/gradients';
import { countPositives } from '../../src-main/engine/loss';
import { Trainer } from '../../src-main/engine/optimiser-step';
import type { Batch, LoaderSettings } from '../../src-main/images/batch';
import { BatchMaker } from '../../src-main/images/batch-maker';
import { BatchLoader } from '../../src-main/images/loader';
import type { SnapshotImage } from '../../src-main/services/ports';

interface BenchOptions {
  readonly architecture: ArchitectureId;
  readonly engine: EngineChoice;
  readonly batchSize: number;
  readonly steps: number;
  readonly pictures: string;
  readonly loader: URL;
}

const OPTIONS = { momentum: 0.9, weightDecay: 5e-4, alpha: 1, negativesPerPositive: 3 };
const CLASSES = 4;
const WARM_STEPS = 3;

export async function measure(options: BenchOptions) {
  const choice = defaultChoice(options.architecture);
  const defaultBoxes = presetDefaultBoxes(choice);
  const description = buildNetwork(choice, CLASSES, defaultBoxes.sources.map(boxesPerCell));
  const { input, preprocessing } = description;
  const settings: LoaderSettings = {
    images: await drawPictures(options.pictures),
    input,
    preprocessing,
    defaultBoxes,
    maps: sourceMaps(description),
    matchingThreshold: 0.5,
    matchingRule: 'bipartite',
    augment: SUGGESTED_AUGMENTATION,
    batchSize: options.batchSize,
    seed: 1,
    cacheBytes: 1e9,
  };
  const engine = await openEngine(options.engine);
  const model = new Model(engine, description, { seed: 1 });
  const trainer = new Trainer(model, OPTIONS);

  const loader = new BatchLoader(settings, 0, options.loader);
  const waits: number[] = [];
  const steps: number[] = [];
  for (let i = 0; i < options.steps + WARM_STEPS; i++) {
    const started = performance.now();
    const batch = await loader.next();
    const stepStarted = performance.now();
    await trainer.step(batch.images, batch, 1e-3);
    loader.recycle(batch);
    if (i < WARM_STEPS) continue;
    waits.push(stepStarted - started);
    steps.push(performance.now() - stepStarted);
  }
  await loader.close();
  const seconds = (sum(waits) + sum(steps)) / 1000;
  return {
    architecture: options.architecture,
    engine: { id: engine.id, detail: engine.detail },
    batchSize: options.batchSize,
    steps: options.steps,
    imagesPerSecond: round((options.steps * options.batchSize) / seconds),
    millisecondsPerStep: { waitForBatch: round(median(waits)), step: round(median(steps)) },
    millisecondsPerPhase: await phases(model, trainer, settings, Math.min(10, options.steps)),
  };
}

/** Each phase alone on this thread: making the batch, forward, loss, backward, update. */
async function phases(model: Model, trainer: Trainer, settings: LoaderSettings, repetitions: number) {
  const maker = new BatchMaker(settings);
  const { width, height } = settings.input;
  const times: Record<string, number[]> = { makeBatch: [], forward: [], loss: [], backward: [], update: [] };
  const timed = async <T>(phase: string, work: () => T | Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    times[phase].push(performance.now() - started);
    return result;
  };
  let batch: Batch | null = null;
  for (let i = 0; i < repetitions + 1; i++) {
    const started = performance.now();
    batch = await maker.make(i, batch);
    times['makeBatch'].push(performance.now() - started);
    const { images, batchSize } = { images: batch.images, batchSize: settings.batchSize };
    const x = tf.tensor(images, [batchSize, height, width, 3], 'float32') as Tensor4D;
    const targets = batch;
    const { optimiser } = trainer;
    const pass = await timed('forward', async () => {
      const outputs = model.forward(x);
      // What a device was asked for is done when it can be read.
      await outputs.localisation.data();
      return outputs;
    });
    const { gradients } = await timed('loss', () => trainer.loss(pass, targets, countPositives(targets)));
    await timed('backward', async () => {
      model.backward(pass, gradients, optimiser.gradients);
      // The kernel of the first layer comes last.
      if (optimiser.gradients instanceof DeviceGradients)
        await [...optimiser.gradients.tensors.values()].at(-1)?.data();
    });
    await timed('update', async () => {
      await optimiser.update(1e-3);
      if (model.engine.resident)
        await model.parameters.tensor(model.parameters.table.learning.at(-1)!.parameter.name).data();
    });
    x.dispose();
  }
  // The first repetition reads the pictures.
  return Object.fromEntries(Object.entries(times).map(([phase, values]) => [phase, round(median(values.slice(1)))]));
}

/** Noise with rectangles that are objects, 48 pictures of 640x480. */
async function drawPictures(folder: string): Promise<SnapshotImage[]> {
  const images: SnapshotImage[] = [];
  for (let id = 1; id <= 48; id++) {
    const random = Random.seeded(id);
    const data = Buffer.alloc(640 * 480 * 3);
    for (let i = 0; i < data.length; i++) data[i] = random.bits() & 255;
    const path = join(folder, `${id}.jpg`);
    await sharp(data, { raw: { width: 640, height: 480, channels: 3 } })
      .blur(3)
      .jpeg()
      .toFile(path);
    const objects = Array.from({ length: 12 }, () => {
      const side = random.uniform(30, 200);
      const [x, y] = [random.uniform(0, 640 - side), random.uniform(0, 480 - side)];
      return [random.integer(CLASSES - 1), x, y, x + side, y + side, 0] as const;
    });
    images.push({ id, path, width: 640, height: 480, objects });
  }
  return images;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const round = (value: number): number => Math.round(value * 10) / 10;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
