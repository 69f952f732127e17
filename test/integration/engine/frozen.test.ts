import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forFreshWeights } from '@core/experiment/suggest';
import type { ArchitectureId } from '@core/network/description';
import { frozenLayers } from '@core/network/frozen';
import { ARCHITECTURES, buildNetwork, defaultChoice } from '@core/network/zoo';
import type { Engine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { inputsOf } from '@core/network/plan';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { weightAverage, withAverage } from '../../../src-main/engine/weight-average';
import { describeOnEngines, randomNumbers } from '../../support/engines-available';

const network = (architecture: ArchitectureId) => {
  const { sources } = ARCHITECTURES.find(({ id }) => id === architecture)!;
  const input = architecture === 'ssd300' ? { width: 300, height: 300 } : { width: 96, height: 64 };
  const widthMultiplier = architecture === 'ssd300' ? 0.125 : 1;
  return buildNetwork(
    { ...defaultChoice(architecture), widthMultiplier, input },
    3,
    new Array<number>(sources).fill(2),
  );
};

/** Two steps; returns the weights before and after, by name. */
async function trained(engine: Engine, architecture: ArchitectureId, part: 'none' | 'stem' | 'base', resident = false) {
  const description = network(architecture);
  const frozen = frozenLayers(description, part);
  const model = new Model({ ...engine, resident }, description, { seed: 3 }, frozen);
  const trainer = new Trainer(model, { momentum: 0.9, weightDecay: 0.01, alpha: 1, negativesPerPositive: 3 });
  const { width, height } = description.input;
  const labels = new Int32Array(model.boxes).map((_, i) => (i % 37 === 5 ? 1 : 0));
  const before = await model.readWeights();
  const average = weightAverage(model, 0.5);
  const tensors: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const images = randomNumbers(5)(width * height * 3);
    await trainer.step(images, { labels, offsets: new Float32Array(model.boxes * 4) }, 0.01);
    average.update(step);
    tensors.push(tf.memory().numTensors);
  }
  const after = await model.readWeights();
  const averaged = await withAverage(average, () => model.readWeights());
  const restored = await model.readWeights();
  const changed = new Set(
    after.filter(({ values }, i) => values.some((v, k) => v !== before[i].values[k])).map((t) => t.name),
  );
  const state = await trainer.optimiser.readState();
  for (const each of [average, trainer, model]) each.dispose();
  return { frozen, before, after, averaged, restored, changed, tensors, state, model };
}

it('whatever a frozen layer reads is frozen too, in every architecture', () => {
  const choices = ARCHITECTURES.flatMap(({ id, sources }) =>
    [defaultChoice(id), forFreshWeights(defaultChoice(id))].map((choice) => ({ id, sources, choice })),
  );
  for (const { id, sources, choice } of choices) {
    const description = buildNetwork(choice, 3, new Array<number>(sources).fill(2));
    const stem = frozenLayers(description, 'stem');
    const base = frozenLayers(description, 'base');
    expect(stem.size, id).toBeGreaterThan(1);
    expect(base.size, id).toBeGreaterThan(stem.size + 20);
    expect(base.size, id).toBeLessThan(description.layers.length - 8);
    for (const frozen of [stem, base]) {
      for (const layer of description.layers.filter(({ name }) => frozen.has(name))) {
        for (const input of inputsOf(layer))
          expect(input === 'input' || frozen.has(input), `${id} ${input}`).toBe(true);
      }
    }
  }
});

describeOnEngines('frozen layers', (engine) => {
  it.each([
    ['rfb320', 'stem'],
    ['rfb320', 'base'],
    ['ssd300', 'stem'],
  ] as const)('of %s, %s, keep weights and statistics; the others learn as they would', async (architecture, part) => {
    const { frozen, changed, before, tensors, state } = await trained(engine(), architecture, part);
    const layerOf = (name: string) => name.slice(0, name.lastIndexOf('.'));
    for (const name of changed) expect(frozen.has(layerOf(name)), name).toBe(false);
    const kernels = before.filter(({ name, shape }) => shape.length === 4 && !frozen.has(layerOf(name)));
    expect(kernels.length).toBeGreaterThan(5);
    for (const { name } of kernels) expect(changed.has(name), name).toBe(true);
    expect(state.some(({ name }) => frozen.has(layerOf(name)))).toBe(false);
    expect(tensors[2]).toBe(tensors[1]);
  });

  it('learn the same on a device', async () => {
    const [host, device] = [await trained(engine(), 'rfb320', 'stem'), await trained(engine(), 'rfb320', 'stem', true)];
    expect([...device.changed].sort()).toEqual([...host.changed].sort());
    // Of all numbers together: a hard negative that is chosen by a hair may differ.
    for (const which of ['after', 'averaged'] as const) {
      let [apart, moved] = [0, 0];
      device[which].forEach(({ values }, i) => {
        values.forEach((value, k) => {
          apart += (value - host[which][i].values[k]) ** 2;
          moved += (value - host.before[i].values[k]) ** 2;
        });
      });
      expect(Math.sqrt(apart / moved), which).toBeLessThan(0.05);
    }
  });
});

describeOnEngines('the average of the weights', (engine) => {
  it('follows the weights, takes their place for a while, and gives it back', async () => {
    const { before, after, averaged, restored } = await trained(engine(), 'rfb320', 'none');
    expect(restored).toEqual(after);
    const index = before.findIndex(({ shape }) => shape.length === 4);
    const [from, mean, to] = [before, averaged, after].map((weights) => weights[index].values);
    expect(mean).not.toEqual(to);
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - b[i]));
    expect(distance(mean, to)).toBeLessThan(distance(from, to));
  });
});
