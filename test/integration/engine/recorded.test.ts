/** Passes that run as recorded graphs compute what the operations one by one compute. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { ArchitectureId, NetworkDescription } from '@core/network/description';
import { frozenLayers } from '@core/network/frozen';
import { ARCHITECTURES } from '@core/network/zoo';
import { type Engine, openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import type { Recorder } from '../../../src-main/engine/recording';
import { isReady, randomNumbers } from '../../support/engines-available';
import { gradientsOf } from '../../support/gradients';
import { smallNetwork } from '../../support/networks';

const PICTURES = 2;
const CLASSES = 3;

function modelOn(engine: Engine, id: ArchitectureId, frozen?: ReadonlySet<string>): Model {
  return new Model(engine, smallNetwork(id, CLASSES), { seed: 11 }, frozen);
}

const picturesFor = ({ input }: NetworkDescription, seed: number, count = PICTURES): Tensor4D =>
  tf.tensor4d(randomNumbers(seed)(count * input.height * input.width * 3), [count, input.height, input.width, 3]);

/** Outputs and gradients of one pass, the gradients of its outputs being these outputs. */
function onePass(model: Model, seed: number, count = PICTURES) {
  const images = picturesFor(model.description, seed, count);
  const pass = model.forward(images);
  const outputs = {
    localisation: pass.localisation.dataSync() as Float32Array,
    confidence: pass.confidence.dataSync() as Float32Array,
  };
  const gradients = gradientsOf(model, pass, outputs);
  images.dispose();
  return { ...outputs, gradients };
}

const apart = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.reduce((sum, value) => sum + value ** 2, 0));

/** The engine, and how often its recordings were made and run. */
function counting(engine: Engine) {
  const counts = { recorded: 0, replayed: 0 };
  const recorder: Recorder = (inputs, work) => {
    counts.recorded++;
    const { results, recording } = engine.recorder!(inputs, work);
    const replay: typeof recording.replay = (...given) => {
      counts.replayed++;
      return recording.replay(...given);
    };
    return { results, recording: { reads: recording.reads, replay, dispose: () => recording.dispose() } };
  };
  return { engine: { ...engine, recorder }, counts };
}

const unrecorded = (engine: Engine): Engine => ({ ...engine, recorder: undefined });

describe.skipIf(!isReady('tensorflow'))('recorded passes', () => {
  it.each(ARCHITECTURES.map(({ id }) => id))('of %s give the same outputs, gradients and statistics', async (id) => {
    const opened = await openEngine('tensorflow');
    const { engine, counts } = counting(opened);
    const [recorded, plain] = [modelOn(engine, id), modelOn(unrecorded(opened), id)];
    for (const seed of [1, 2]) {
      const [actual, expected] = [onePass(recorded, seed), onePass(plain, seed)];
      expect(apart(expected.localisation, actual.localisation)).toBeLessThan(1e-3);
      expect(apart(expected.confidence, actual.confidence)).toBeLessThan(1e-3);
      // Rounding moves inputs of ReLUs over 0 behind many batch norms.
      expect(apart(expected.gradients, actual.gradients)).toBeLessThan(3e-2);
    }
    // Two recordings, each run once to see whether it can; then the second passes.
    expect(counts).toEqual({ recorded: 2, replayed: 4 });
    const [ours, theirs] = [await recorded.readWeights(), await plain.readWeights()];
    ours.forEach(({ name, values }, i) => {
      const largest = (of: Float32Array) => of.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const difference = values.map((value, k) => value - theirs[i].values[k]);
      // The mean of what has mean 0 is rounding alone.
      expect(largest(difference) / Math.max(1e-3, largest(theirs[i].values)), name).toBeLessThan(1e-3);
    });
    for (const model of [recorded, plain]) model.dispose();
  });

  it('go on with weights that have changed, frozen layers and batches of another size', async () => {
    const opened = await openEngine('tensorflow');
    const frozen = frozenLayers(smallNetwork('rfb320', CLASSES), 'stem');
    const { engine, counts } = counting(opened);
    const models = [modelOn(engine, 'rfb320', frozen), modelOn(unrecorded(opened), 'rfb320', frozen)];
    for (const [seed, count] of [
      [1, 2],
      [2, 2],
      [3, 1],
      [4, 2],
      [5, 1],
    ] as const) {
      const [actual, expected] = models.map((model) => onePass(model, seed, count));
      expect(apart(expected.localisation, actual.localisation)).toBeLessThan(1e-3);
      expect(apart(expected.gradients, actual.gradients)).toBeLessThan(3e-2);
      for (const model of models) {
        model.writeWeights(
          (await model.readWeights()).map((tensor) => ({ ...tensor, values: tensor.values.map((v) => v * 1.01) })),
        );
      }
    }
    expect(counts.recorded).toBe(4);
    for (const model of models) model.dispose();
  });

  it('leave no tensor behind, also where a batch has no object', async () => {
    const { engine, counts } = counting(await openEngine('tensorflow'));
    const before = tf.memory().numTensors;
    const model = modelOn(engine, 'rfb320');
    const trainer = new Trainer(model, { momentum: 0.9, weightDecay: 0, alpha: 1, negativesPerPositive: 3 });
    const { width, height } = model.description.input;
    const images = randomNumbers(5)(PICTURES * width * height * 3);
    const offsets = new Float32Array(PICTURES * model.boxes * 4);
    const some = new Int32Array(PICTURES * model.boxes).map((_, i) => (i % 50 === 0 ? 1 : 0));
    const tensors: number[] = [];
    for (const labels of [new Int32Array(some.length), some, new Int32Array(some.length), some]) {
      await trainer.step(images, { labels, offsets }, 0.01);
      tensors.push(tf.memory().numTensors);
    }
    expect(counts.recorded).toBe(2);
    expect(tensors[3]).toBe(tensors[1]);
    for (const each of [trainer, model]) each.dispose();
    // Of the operations' own: sizes that they keep.
    expect(tf.memory().numTensors - before).toBeLessThan(30);
  });

  it('are not used where the engine cannot run them', async () => {
    const opened = await openEngine('tensorflow');
    let tried = 0;
    const recorder: Recorder = (inputs, work) => {
      const refuse = (): never => {
        tried++;
        throw new Error('no such operation');
      };
      return { results: work(), recording: { reads: inputs.map(() => true), replay: refuse, dispose: () => {} } };
    };
    const models = [modelOn({ ...opened, recorder }, 'rfb320'), modelOn(unrecorded(opened), 'rfb320')];
    for (const seed of [1, 2]) {
      const [actual, expected] = models.map((model) => onePass(model, seed));
      expect(actual).toEqual(expected);
    }
    expect(tried).toBe(1);
    for (const model of models) model.dispose();
  });
});
