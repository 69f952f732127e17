import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { NetworkDescription } from '@core/network/description';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import type { HostParameters } from '../../../src-main/engine/executor-parameters-host';
import { predictRaw } from '../../../src-main/engine/executor-prediction';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { gradientsOf } from '../../support/gradients';
import { describeOnEngines, isReady, randomNumbers } from '../../support/engines-available';

const small = (architecture: 'rfb320' | 'slim320'): NetworkDescription =>
  buildNetwork({ ...defaultChoice(architecture), input: { width: 96, height: 64 } }, 3, [3, 2, 2, 3]);

/** One box of each source is positive, with offsets to learn. */
function targets(model: Model, pictures: number) {
  const labels = new Int32Array(pictures * model.boxes);
  const offsets = new Float32Array(pictures * model.boxes * 4);
  for (let i = 7; i < labels.length; i += 97) {
    labels[i] = 1 + (i % 2);
    offsets.set([0.5, -0.5, 0.2, 1.5], i * 4);
  }
  return { labels, offsets };
}

const trainerOf = (model: Model) =>
  new Trainer(model, { momentum: 0.9, weightDecay: 5e-4, alpha: 1, negativesPerPositive: 3, clipNorm: 10 });

describeOnEngines('a model', (engine) => {
  it('learns a small set by heart', async () => {
    const model = new Model(engine(), small('rfb320'), { seed: 3 });
    const trainer = trainerOf(model);
    const images = randomNumbers(5)(2 * 96 * 64 * 3);
    const goal = targets(model, 2);
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      const { confidenceLoss, localisationLoss } = await trainer.step(images, goal, 0.01);
      losses.push(confidenceLoss + localisationLoss);
    }
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses[59]).toBeLessThan(losses[0] / 4);
    model.dispose();
  });

  it('holds no more tensors after five steps than after two', async () => {
    const model = new Model(engine(), small('rfb320'), { seed: 3 });
    const trainer = trainerOf(model);
    const images = randomNumbers(5)(2 * 96 * 64 * 3);
    const counts: number[] = [];
    for (let step = 0; step < 5; step++) {
      await trainer.step(images, targets(model, 2), 0.01);
      await predictRaw(model, images);
      counts.push(tf.memory().numTensors);
    }
    expect(counts[4]).toBe(counts[1]);
    model.dispose();
  });

  it('leaves its weights but for momentum and decay alone when no picture has an object', async () => {
    const model = new Model(engine(), small('slim320'), { seed: 3 });
    const trainer = new Trainer(model, { momentum: 0.9, weightDecay: 0, alpha: 1, negativesPerPositive: 3 });
    const learning = async () => (await model.readWeights()).slice(0, model.parameters.table.learning.length);
    const before = await learning();
    const { labels, offsets } = targets(model, 1);
    const result = await trainer.step(randomNumbers(5)(96 * 64 * 3), { labels: labels.fill(0), offsets }, 0.01);
    expect(result).toMatchObject({ confidenceLoss: 0, localisationLoss: 0, positives: 0, gradientNorm: 0 });
    expect(await learning()).toEqual(before);
    model.dispose();
  });

  it('goes on from read weights and optimiser state as if never stopped', async () => {
    const images = randomNumbers(5)(2 * 96 * 64 * 3);
    const straight = new Model(engine(), small('rfb320'), { seed: 3 });
    const first = trainerOf(straight);
    const goal = targets(straight, 2);
    for (let step = 0; step < 2; step++) await first.step(images, goal, 0.01);
    const resumed = new Model(engine(), small('rfb320'), { weights: await straight.readWeights() });
    const second = trainerOf(resumed);
    second.optimiser.writeState(await first.optimiser.readState());
    const [a, b] = [await first.step(images, goal, 0.01), await second.step(images, goal, 0.01)];
    expect(b.confidenceLoss).toBeCloseTo(a.confidenceLoss, 5);
    const after = await second.model.readWeights();
    (await straight.readWeights()).forEach((weight, i) => {
      const difference = weight.values.map((value, k) => Math.abs(value - after[i].values[k]));
      expect(Math.max(...difference), weight.name).toBeLessThan(1e-5);
    });
    straight.dispose();
    resumed.dispose();
  });

  it('has the gradients of central differences through the whole network', async () => {
    const model = new Model(engine(), small('rfb320'), { seed: 3 });
    const images = tf.tensor(randomNumbers(9)(2 * 96 * 64 * 3), [2, 64, 96, 3]) as Tensor4D;
    const pass = model.forward(images);
    const localisation = randomNumbers(11)(pass.localisation.size);
    const confidence = randomNumbers(12)(pass.confidence.size);
    const gradients = gradientsOf(model, pass, { localisation, confidence });
    const value = () => {
      const moved = model.forward(images);
      const [l, c] = [moved.localisation.dataSync(), moved.confidence.dataSync()];
      model.release(moved);
      return localisation.reduce((s, g, i) => s + g * l[i], 0) + confidence.reduce((s, g, i) => s + g * c[i], 0);
    };
    const parameters = model.parameters as HostParameters;
    // Layers whose paths to the outputs cross few ReLUs, where differences of a float32 sum mean something; biases and
    // weights of every kind of layer are among them.
    for (const name of [
      'regression_headers.3.weight',
      'classification_headers.0.2.bias',
      'classification_headers.0.0.weight',
      'extras.0.2.2.weight',
      'base_net.7.ConvLinear.bn.weight',
      'base_net.7.branch2.3.bn.bias',
    ]) {
      const { offset, size } = parameters.entry(name);
      const i = offset + Math.floor(size / 3);
      const original = parameters.values[i];
      const at = (difference: number) => {
        parameters.values[i] = original + difference;
        parameters.changed();
        return value();
      };
      const numeric = (at(2e-3) - at(-2e-3)) / 4e-3;
      at(0);
      expect(Math.abs(gradients[i] - numeric), `${name}: ${gradients[i]} against ${numeric}`).toBeLessThan(
        0.1 * Math.max(1, Math.abs(numeric)),
      );
    }
    images.dispose();
    model.dispose();
  });

  it('reads the weights it was given, in the layout of files', async () => {
    const model = new Model(engine(), small('slim320'), { seed: 3 });
    const weights = await model.readWeights();
    const copy = new Model(engine(), small('slim320'), { weights });
    expect(await copy.readWeights()).toEqual(weights);
    expect(() => copy.writeWeights(weights.slice(1))).toThrow(/missing for base_net.0.0.weight/);
    const wrong = weights.map((weight, i) => (i === 0 ? { ...weight, shape: [16, 3, 9, 1] } : weight));
    expect(() => copy.writeWeights(wrong)).toThrow(/shape/);
    model.dispose();
    copy.dispose();
  });
});

describe.skipIf(!isReady('tensorflow') || !isReady('wasm'))('TensorFlow and WebAssembly', () => {
  it('predict and differentiate alike', async () => {
    const images = randomNumbers(5)(2 * 96 * 64 * 3);
    const run = async (id: 'tensorflow' | 'wasm') => {
      const model = new Model(await openEngine(id), small('rfb320'), { seed: 3 });
      const trainer = trainerOf(model);
      const step = await trainer.step(images, targets(model, 2), 0.01);
      const { scores, offsets } = await predictRaw(model, images);
      model.dispose();
      return { step, scores, offsets };
    };
    const [a, b] = [await run('tensorflow'), await run('wasm')];
    expect(b.step.confidenceLoss).toBeCloseTo(a.step.confidenceLoss, 4);
    expect(b.step.gradientNorm / a.step.gradientNorm).toBeCloseTo(1, 3);
    a.scores.forEach((score, i) => expect(b.scores[i]).toBeCloseTo(score, 3));
    a.offsets.forEach((offset, i) => expect(b.offsets[i]).toBeCloseTo(offset, 2));
  });
});
