/** Whole networks on WebGPU against TensorFlow on the processor: predictions, losses, gradients, steps, memory. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { ArchitectureId, NetworkDescription } from '@core/network/description';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { predictRaw } from '../../../src-main/engine/executor-prediction';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { countPositives } from '../../../src-main/engine/loss';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { isReady, randomNumbers } from '../../support/engines-available';
import { everyLayer, smallNetwork } from '../../support/networks';
import { describeOnWebGpu } from '../../support/webgpu';

const PICTURES = 2;
const CPU = isReady('tensorflow') ? 'tensorflow' : 'wasm';
/** Without momentum and decay the velocity after a step is its gradient. */
const OPTIONS = { momentum: 0, weightDecay: 0, alpha: 1.5, negativesPerPositive: 3 };

function faceDetector(id: 'rfb320' | 'slim320'): NetworkDescription {
  const choice = { ...defaultChoice(id), input: { width: 96, height: 64 } };
  return buildNetwork(choice, 3, [3, 2, 2, 3]);
}

function liteDetector(): NetworkDescription {
  const choice = { ...defaultChoice('ssdlite320'), input: { width: 128, height: 128 } };
  return buildNetwork(choice, 3, presetDefaultBoxes(choice).sources.map(boxesPerCell));
}

const NETWORKS: Readonly<Record<string, () => NetworkDescription>> = {
  'every kind of layer': everyLayer,
  rfb320: () => faceDetector('rfb320'),
  slim320: () => faceDetector('slim320'),
  ssdlite320: liteDetector,
  ssd300: () => smallNetwork('ssd300' satisfies ArchitectureId),
  rfbnet300: () => smallNetwork('rfbnet300' satisfies ArchitectureId),
};

function batchOf({ boxes, description: { input } }: Model) {
  const labels = new Int32Array(PICTURES * boxes);
  for (let i = 7; i < labels.length; i += 97) labels[i] = 1 + (i % 2);
  const offsets = randomNumbers(6)(4 * labels.length).map((value) => 2 * value);
  return { images: randomNumbers(5)(PICTURES * input.height * input.width * 3), targets: { labels, offsets } };
}

/** Relative to the length of the expected vector. */
function apart(ours: readonly NamedTensor[], expected: readonly NamedTensor[]): number {
  let [difference, length] = [0, 0];
  expected.forEach(({ name, values }, i) => {
    expect(ours[i].name).toBe(name);
    for (let k = 0; k < values.length; k++) {
      difference += (values[k] - ours[i].values[k]) ** 2;
      length += values[k] ** 2;
    }
  });
  return Math.sqrt(difference / length);
}

const asTensors = (values: Readonly<Record<string, Float32Array>>): NamedTensor[] =>
  Object.entries(values).map(([name, numbers]) => ({ name, shape: [numbers.length], values: numbers }));

describeOnWebGpu('a network on WebGPU', () => {
  const compute = async (id: 'webgpu' | typeof CPU, description: NetworkDescription) => {
    const model = new Model(await openEngine(id), description, { seed: 3 });
    const trainer = new Trainer(model, OPTIONS);
    const { images, targets } = batchOf(model);
    const { scores, offsets } = await predictRaw(model, images);
    const { height, width } = description.input;
    const x = tf.tensor(images, [PICTURES, height, width, 3]) as Tensor4D;
    const pass = model.forward(x);
    const [confidence, localisation] = await Promise.all([pass.confidence.data(), pass.localisation.data()]);
    const { gradients, ...losses } = await trainer.loss(pass, targets, countPositives(targets));
    model.backward(pass, gradients, trainer.optimiser.gradients);
    x.dispose();
    const gradientNorm = await trainer.optimiser.update(1e-3);
    const trained = asTensors({ confidence, localisation } as Record<string, Float32Array>);
    const numbers = { velocities: await trainer.optimiser.readState(), weights: await model.readWeights() };
    trainer.dispose();
    model.dispose();
    return { predicted: asTensors({ scores, offsets }), trained, losses, gradientNorm, ...numbers };
  };

  it.each(Object.keys(NETWORKS))("%s: predictions, losses and gradients are the processor's", async (name) => {
    const expected = await compute(CPU, NETWORKS[name]());
    const ours = await compute('webgpu', NETWORKS[name]());
    expect(apart(ours.predicted, expected.predicted), 'prediction').toBeLessThan(1e-3);
    expect(apart(ours.trained, expected.trained), 'outputs while training').toBeLessThan(1e-3);
    expect(ours.losses.confidenceLoss / expected.losses.confidenceLoss).toBeCloseTo(1, 4);
    expect(ours.losses.localisationLoss / expected.losses.localisationLoss).toBeCloseTo(1, 4);
    expect(ours.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 3);
    // Rounding moves inputs of ReLUs over 0 behind RFB-320's many batch norms.
    expect(apart(ours.velocities, expected.velocities), 'gradients').toBeLessThan(name === 'rfb320' ? 5e-3 : 1e-3);
    // Running statistics are among them.
    expect(apart(ours.weights, expected.weights), 'weights').toBeLessThan(1e-4);
  });

  it('holds as many tensors and as much memory after five steps as after two', async () => {
    const model = new Model(await openEngine('webgpu'), faceDetector('slim320'), { seed: 3 });
    const trainer = new Trainer(model, { ...OPTIONS, momentum: 0.9, weightDecay: 5e-4, clipNorm: 1 });
    const { images, targets } = batchOf(model);
    const held: unknown[] = [];
    for (let step = 0; step < 5; step++) {
      await trainer.step(images, targets, 1e-3);
      const { numTensors, numBytes, ...rest } = tf.memory() as tf.MemoryInfo & { numBytesAllocatedInGPU: number };
      held.push([numTensors, numBytes, rest.numBytesAllocatedInGPU]);
    }
    expect(held[4]).toEqual(held[1]);
    trainer.dispose();
    model.dispose();
  });

  it('goes on from read weights and optimiser state with the same losses', async () => {
    const engine = await openEngine('webgpu');
    const start = () => {
      const model = new Model(engine, faceDetector('slim320'), { seed: 3 });
      return { model, trainer: new Trainer(model, { ...OPTIONS, momentum: 0.9, weightDecay: 5e-4 }) };
    };
    const straight = start();
    const { images, targets } = batchOf(straight.model);
    for (let step = 0; step < 2; step++) await straight.trainer.step(images, targets, 0.01);
    const resumed = start();
    resumed.model.writeWeights(await straight.model.readWeights());
    resumed.trainer.optimiser.writeState(await straight.trainer.optimiser.readState());
    const expected = await straight.trainer.step(images, targets, 0.01);
    expect(await resumed.trainer.step(images, targets, 0.01)).toEqual(expected);
    for (const { model, trainer } of [straight, resumed]) {
      trainer.dispose();
      model.dispose();
    }
  });
});
