/** Training with weights, gradients and optimiser as tensors equals training with them in main memory. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { ArchitectureId, NetworkDescription } from '@core/network/description';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import type { NegativeRows } from '@core/priors/hard-negatives';
import type { Engine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { predictRaw } from '../../../src-main/engine/executor-prediction';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import type { Kernels } from '../../../src-main/engine/kernels';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { describeOnEngines, randomNumbers } from '../../support/engines-available';
import { everyLayer } from '../../support/networks';

const PICTURES = 3;
const OPTIONS = { momentum: 0.9, weightDecay: 5e-4, alpha: 1.5, negativesPerPositive: 3, clipNorm: 4 };

const small = (architecture: ArchitectureId) =>
  buildNetwork({ ...defaultChoice(architecture), input: { width: 96, height: 64 } }, 3, [3, 2, 2, 3]);

function batchOf({ boxes, description: { input } }: Model) {
  const labels = new Int32Array(PICTURES * boxes);
  // The last picture has no object.
  for (let i = 7; i < 2 * boxes; i += 31) labels[i] = 1 + (i % 2);
  const offsets = randomNumbers(6)(4 * labels.length).map((value) => 2 * value);
  return { images: randomNumbers(5)(PICTURES * input.height * input.width * 3), targets: { labels, offsets } };
}

/** Class predictors that take much of the background for objects, as fresh ones do not. */
function overconfident({ sources }: NetworkDescription, weights: readonly NamedTensor[]): NamedTensor[] {
  const predictors = sources.map(({ confidence }) => confidence);
  const of = (name: string, part: string) => predictors.some((layer) => name === `${layer}.${part}`);
  return weights.map(({ name, shape, values }) => {
    if (of(name, 'bias')) return { name, shape, values: values.map(() => 0) };
    return { name, shape, values: of(name, 'weight') ? values.map((value) => 6 * value) : values };
  });
}

describeOnEngines('training on a device', (engine) => {
  const start = (resident: boolean, description = small('rfb320'), options = OPTIONS) => {
    const where: Engine = { ...engine(), resident };
    const model = new Model(where, description, { seed: 3 });
    return { model, trainer: new Trainer(model, options) };
  };
  const stop = (...started: ReturnType<typeof start>[]) =>
    started.forEach(({ model, trainer }) => {
      trainer.dispose();
      model.dispose();
    });
  const numbersOf = async ({ model, trainer }: ReturnType<typeof start>) => ({
    weights: await model.readWeights(),
    velocities: await trainer.optimiser.readState(),
  });
  type Numbers = readonly NamedTensor[];
  /** Relative to the largest number of the network: a bias before a batch norm has a gradient of rounding alone. */
  const expectEqual = (a: Numbers, b: Numbers, tolerance: number) => {
    const largest = Math.max(
      ...a.map(({ values }) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)),
    );
    a.forEach(({ name, values }, i) => {
      expect(b[i].name).toBe(name);
      const apart = values.reduce((most, value, k) => Math.max(most, Math.abs(value - b[i].values[k])), 0);
      expect(apart / largest, name).toBeLessThan(tolerance);
    });
  };

  it('has the same gradients of every kind of layer', async () => {
    const options = { ...OPTIONS, momentum: 0, weightDecay: 0, clipNorm: 0 };
    const [host, device] = [start(false, everyLayer(), options), start(true, everyLayer(), options)];
    const { images, targets } = batchOf(host.model);
    const [a, b] = [await host.trainer.step(images, targets, 0.1), await device.trainer.step(images, targets, 0.1)];
    expect(b.positives).toBe(a.positives);
    expect(b.gradientNorm / a.gradientNorm).toBeCloseTo(1, 5);
    // Without momentum the velocity is the gradient.
    expectEqual((await numbersOf(host)).velocities, (await numbersOf(device)).velocities, 1e-5);
    stop(host, device);
  });

  it('has the same losses over ten steps', async () => {
    const [host, device] = [start(false), start(true)];
    const { images, targets } = batchOf(host.model);
    for (let step = 0; step < 10; step++) {
      const a = await host.trainer.step(images, targets, 1e-4);
      const b = await device.trainer.step(images, targets, 1e-4);
      for (const key of ['confidenceLoss', 'localisationLoss'] as const) {
        expect(Math.abs(b[key] / a[key] - 1), `${key} of step ${step}: ${a[key]}, ${b[key]}`).toBeLessThan(1e-3);
      }
    }
    stop(host, device);
  });

  it('goes on from read weights and optimiser state as if never stopped', async () => {
    const straight = start(true);
    const { images, targets } = batchOf(straight.model);
    for (let step = 0; step < 2; step++) await straight.trainer.step(images, targets, 0.01);
    const resumed = start(true);
    const { weights, velocities } = await numbersOf(straight);
    resumed.model.writeWeights(weights);
    resumed.trainer.optimiser.writeState(velocities);
    const a = await straight.trainer.step(images, targets, 0.01);
    expect(await resumed.trainer.step(images, targets, 0.01)).toEqual(a);
    expect(await numbersOf(resumed)).toEqual(await numbersOf(straight));
    stop(straight, resumed);
  });

  it('holds no more tensors after five steps than after two, and none at the end', async () => {
    const before = tf.memory().numTensors;
    const started = start(true);
    const { images, targets } = batchOf(started.model);
    const counts: number[] = [];
    for (let step = 0; step < 5; step++) {
      await started.trainer.step(images, targets, 0.01);
      await predictRaw(started.model, images);
      counts.push(tf.memory().numTensors);
    }
    expect(counts[4]).toBe(counts[1]);
    stop(started);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves its weights alone when a gradient is no number, and when no picture has an object', async () => {
    const { model, trainer } = start(true, small('slim320'), { ...OPTIONS, weightDecay: 0 });
    const { images, targets } = batchOf(model);
    const trainable = async () => (await model.readWeights()).slice(0, model.parameters.table.learning.length);
    const before = await trainable();
    const none = { labels: new Int32Array(targets.labels.length), offsets: targets.offsets };
    const empty = await trainer.step(images, none, 0.01);
    expect(empty).toMatchObject({ confidenceLoss: 0, localisationLoss: 0, positives: 0, gradientNorm: 0 });
    const { parameter, shape } = model.parameters.table.learning[0];
    trainer.optimiser.gradients.add(parameter.name, tf.mul(tf.ones([...shape]), NaN));
    expect(await trainer.optimiser.update(0.01)).toBeNaN();
    expect(await trainable()).toEqual(before);
    stop({ model, trainer });
  });

  it('tells of the same confident negatives, as few rows as are needed, and leaves no tensor of them', async () => {
    const [host, device] = [start(false), start(true)];
    const sure = overconfident(host.model.description, await host.model.readWeights());
    for (const { model } of [host, device]) model.writeWeights(sure);
    const { images, targets } = batchOf(host.model);
    const negatives: NegativeRows[] = [];
    const watch = (rows: NegativeRows) => negatives.push(rows);
    const held: number[] = [];
    for (let step = 0; step < 3; step++) {
      await host.trainer.step(images, targets, 3e-4, watch);
      await device.trainer.step(images, targets, 3e-4, watch);
      held.push(tf.memory().numTensors);
    }
    expect(held[2]).toBe(held[1]);
    const [a, b] = negatives;
    expect(a.at.length).toBeGreaterThan(10);
    expect(a.at.length).toBeLessThan(targets.labels.length);
    // Chosen by the loss alone there may be more; those of the host are all among them.
    a.at.forEach((position, i) => {
      const k = b.at.indexOf(position);
      expect(k, `row ${position}`).toBeGreaterThanOrEqual(0);
      for (let c = 0; c < 3; c++) expect(b.scores[k * 3 + c]).toBeCloseTo(a.scores[i * 3 + c], 3);
      for (let c = 0; c < 4; c++) expect(b.offsets[k * 4 + c]).toBeCloseTo(a.offsets[i * 4 + c], 3);
    });
    stop(host, device);
  });

  it('cuts a batch that its device cannot hold, adds the gradients of the parts and says so', async () => {
    const plain = { ...OPTIONS, momentum: 0, weightDecay: 0, clipNorm: 0 };
    // A network without batch norms learns the same from parts.
    const choice = { ...defaultChoice('ssd300'), widthMultiplier: 0.125 };
    const description = buildNetwork(choice, 3, [4, 6, 6, 6, 4, 4]);
    const whole = start(true, description, plain);
    const { kernels } = engine();
    const convolutionKernelGradient: Kernels['convolutionKernelGradient'] = (x, ...rest) => {
      if (x.shape[0] > 1) throw new Error('OOM when allocating tensor with shape[3,300,300,8]');
      return kernels.convolutionKernelGradient(x, ...rest);
    };
    const short: Engine = { ...engine(), resident: true, kernels: { ...kernels, convolutionKernelGradient } };
    const warnings: string[] = [];
    const model = new Model(short, description, { seed: 3 });
    const cut = { model, trainer: new Trainer(model, plain, (message) => warnings.push(message)) };
    const { images, targets } = batchOf(model);
    const expected = await whole.trainer.step(images, targets, 1e-3);
    const result = await cut.trainer.step(images, targets, 1e-3);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(/too little memory for 3 pictures at once: from now on 1 at a time/);
    expect(result.positives).toBe(expected.positives);
    expect(result.confidenceLoss / expected.confidenceLoss).toBeCloseTo(1, 5);
    expect(result.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 5);
    expectEqual((await numbersOf(cut)).velocities, (await numbersOf(whole)).velocities, 1e-4);
    stop(whole, cut);
  });

  it('gives up, leaving no tensor, when not even one picture fits', async () => {
    const full = () => {
      throw new Error('OOM when allocating tensor');
    };
    const kernels = { ...engine().kernels, batchNormGradient: full };
    const model = new Model({ ...engine(), resident: true, kernels }, small('slim320'), { seed: 3 });
    const trainer = new Trainer(model, OPTIONS);
    const { images, targets } = batchOf(model);
    const held: number[] = [];
    // Kernels keep sizes of shapes that they meet first.
    for (let i = 0; i < 2; i++) {
      await expect(trainer.step(images, targets, 0.01)).rejects.toThrow(/OOM/);
      held.push(tf.memory().numTensors);
    }
    expect(held[1]).toBe(held[0]);
    stop({ model, trainer });
  });
});
