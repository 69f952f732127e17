/** The measurements of training.mjs. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { EngineChoice, MathMode } from '@core/experiment/run';
import { SUGGESTED_AUGMENTATION } from '@core/experiment/suggest';
import type { ArchitectureId, Layer, NetworkDescription } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';
import { type Engine, inMathMode, openEngine } from '../../src-main/engine/engines';
import { Model } from '../../src-main/engine/executor';
import { DeviceGradients } from '../../src-main/engine/gradients';
import { countPositives } from '../../src-main/engine/loss';
import { Trainer } from '../../src-main/engine/optimiser-step';
import type { Kernels } from '../../src-main/engine/kernels';
import type { Batch, LoaderSettings } from '../../src-main/images/batch';
import { BatchMaker } from '../../src-main/images/batch-maker';
import { picturesHere } from '../../src-main/images/picture-source';
import type { SnapshotImage } from '../../src-main/services/ports';
import { startRival, type StepTime } from './rival';

interface BenchOptions {
  readonly architecture: ArchitectureId;
  readonly engine: EngineChoice;
  readonly batchSize: number;
  readonly steps: number;
  readonly pictures: string;
  /** Address of the loader's bundle. */
  readonly loader: string;
  /** With the background. */
  readonly classes: number;
  readonly math: MathMode;
  /** What starts PyTorch's step (rival.ts), or null: ours alone. */
  readonly rival: readonly string[] | null;
}

const OPTIONS = { momentum: 0.9, weightDecay: 5e-4, alpha: 1, negativesPerPositive: 3 };
const WARM_STEPS = 2;
const STEPS_IN_TURN = 2;
const PAUSE_MILLISECONDS = 50;

async function measure(options: BenchOptions) {
  const choice = defaultChoice(options.architecture);
  const { classes } = options;
  const defaultBoxes = presetDefaultBoxes(choice);
  const description = buildNetwork(choice, classes, defaultBoxes.sources.map(boxesPerCell));
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
  const { engine, warning } = inMathMode(await openEngine(options.engine), options.math);
  if (warning) throw new Error(warning);
  const model = new Model(engine, description, { seed: 1 });
  const trainer = new Trainer(model, OPTIONS);

  const loader = picturesHere(new URL(options.loader)).openLoader(settings, 0);
  const rival = options.rival && startRival(options.rival);
  const waits: number[] = [];
  const ours: StepTime[] = [];
  const theirs: StepTime[] = [];
  for (let i = 0; i < options.steps + WARM_STEPS; i += STEPS_IN_TURN) {
    if (rival) {
      for (let k = 0; k < STEPS_IN_TURN; k++) {
        const their = await rival.step();
        if (i >= WARM_STEPS) theirs.push(their);
      }
      // What its threads do after the step is not ours to pay for.
      await setTimeout(PAUSE_MILLISECONDS);
    }
    const busy = process.cpuUsage();
    const started = performance.now();
    let waited = 0;
    for (let k = 0; k < STEPS_IN_TURN; k++) {
      const asked = performance.now();
      const batch = await loader.next();
      waited += performance.now() - asked;
      await trainer.step(batch.images, batch, 1e-3);
      loader.recycle(batch);
    }
    // What the loader does for these steps is ours to pay for.
    if (rival) await loader.settled();
    const wall = performance.now() - started;
    const { user, system } = process.cpuUsage(busy);
    if (i < WARM_STEPS) continue;
    waits.push(waited / STEPS_IN_TURN);
    ours.push({ wall: wall / STEPS_IN_TURN, processor: (user + system) / 1000 / STEPS_IN_TURN });
  }
  rival?.close();
  await loader.close();
  const step = middle(ours);
  const torch = rival && middle(theirs);
  return {
    architecture: options.architecture,
    engine: { id: engine.id, detail: engine.detail },
    math: options.math,
    batchSize: options.batchSize,
    steps: options.steps,
    imagesPerSecond: round((1000 * options.batchSize) / step.wall),
    millisecondsPerStep: { ...step, waitForBatch: round(median(waits)) },
    ...(torch && {
      torch,
      timesFasterThanTorch: { wall: ratio(torch.wall, step.wall), processor: ratio(torch.processor, step.processor) },
    }),
    millisecondsPerPhase: await phases(model, trainer, settings, Math.min(10, options.steps)),
    // Only where an operation is done when its call returns.
    millisecondsPerLayer: engine.resident ? null : await layers(engine, description, settings),
  };
}

process.once('message', (options: BenchOptions) => {
  void measure(options).then((result) => process.send!(result, () => process.exit()));
});

/** Of one step, operation by operation: every kernel that took at least a hundredth of the longest, by the layer it was called for where it says so. */
async function layers(engine: Engine, description: NetworkDescription, settings: LoaderSettings) {
  const spent = new Map<string, number>();
  let inside = false;
  const kernels = new Proxy(engine.kernels, {
    get(target, name: keyof Kernels) {
      const kernel = target[name] as (...inputs: readonly unknown[]) => unknown;
      return (...inputs: readonly unknown[]) => {
        if (inside) return kernel.apply(target, [...inputs]);
        const layer = inputs.find((input) => typeof input === 'object' && input !== null && 'op' in input);
        const key = layer ? `${(layer as Layer).name} ${name}` : name;
        inside = true;
        const started = performance.now();
        const result = kernel.apply(target, [...inputs]);
        spent.set(key, (spent.get(key) ?? 0) + performance.now() - started);
        inside = false;
        return result;
      };
    },
  });
  const model = new Model({ ...engine, kernels, recorder: undefined }, description, { seed: 1 });
  const trainer = new Trainer(model, OPTIONS);
  const batch = await new BatchMaker(settings).make(0, null);
  await trainer.step(batch.images, batch, 1e-3);
  spent.clear();
  await trainer.step(batch.images, batch, 1e-3);
  const sorted = [...spent].sort(([, a], [, b]) => b - a);
  return Object.fromEntries(
    sorted.filter(([, time]) => time >= sorted[0][1] / 100).map(([key, time]) => [key, round(time)]),
  );
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
      return [random.integer(3), x, y, x + side, y + side, 0] as const;
    });
    images.push({ id, path, width: 640, height: 480, objects });
  }
  return images;
}

const middle = (times: readonly StepTime[]): StepTime => ({
  wall: round(median(times.map(({ wall }) => wall))),
  processor: round(median(times.map(({ processor }) => processor))),
});
const ratio = (theirs: number, ours: number): number => Math.round((100 * theirs) / ours) / 100;
const round = (value: number): number => Math.round(value * 10) / 10;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
