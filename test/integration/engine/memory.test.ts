import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { frozenLayers, type FrozenPart } from '@core/network/frozen';
import { type ExecutionKind, predictionMemory, trainingMemory } from '@core/network/memory';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { Engine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { describeOnEngines } from '../../support/engines-available';

const OPTIONS = { momentum: 0.9, weightDecay: 5e-4, alpha: 1, negativesPerPositive: 3 };

interface DataInfo {
  readonly bytes: number;
}

/**
 * The most bytes that the engine's buffers had at once during the work, beyond those from before. Counted by buffer, because
 * tf.memory().numBytes counts a clone as much as its original.
 */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const { state } = tf.engine() as unknown as { state: { tensorInfo: WeakMap<object, DataInfo> } };
  const known = state.tensorInfo;
  let [now, peak] = [0, 0];
  state.tensorInfo = new Proxy(known, {
    get(target, name) {
      if (name === 'set') {
        return (id: object, info: DataInfo) => {
          now += target.has(id) ? 0 : info.bytes;
          peak = Math.max(peak, now);
          target.set(id, info);
        };
      }
      if (name === 'delete') {
        return (id: object) => {
          now -= target.get(id)?.bytes ?? 0;
          return target.delete(id);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  try {
    await work();
  } finally {
    state.tensorInfo = known;
  }
  return peak;
}

interface Case {
  readonly architecture: ArchitectureId;
  readonly batchSize: number;
  readonly width?: number;
  readonly side?: number;
  readonly frozen?: FrozenPart;
}

const EXECUTION: Readonly<Record<string, ExecutionKind>> = { tensorflow: 'recorded', wasm: 'composed' };

async function compare(engine: Engine, { architecture, batchSize, width = 1, side, frozen = 'none' }: Case) {
  const choice = { ...defaultChoice(architecture), widthMultiplier: width };
  const sized = side === undefined ? choice : { ...choice, input: { width: side, height: side } };
  const description = buildNetwork(sized, 4, presetDefaultBoxes(sized).sources.map(boxesPerCell));
  const still = frozenLayers(description, frozen);
  const { input } = description;
  const images = new Float32Array(batchSize * input.width * input.height * 3).fill(0.5);
  const pixels = [batchSize, input.height, input.width, 3] as [number, number, number, number];
  let model!: Model;
  const trained = await peakOf(async () => {
    model = new Model(engine, description, { seed: 1 }, still);
    const trainer = new Trainer(model, OPTIONS);
    const labels = new Int32Array(batchSize * model.boxes);
    for (let i = 0; i < batchSize; i++) labels[i * model.boxes + 7] = 1;
    const targets = { labels, offsets: new Float32Array(labels.length * 4) };
    await trainer.step(images, targets, 1e-4);
    trainer.dispose();
  });
  const predicted = await peakOf(async () => {
    const x = tf.tensor4d(images, pixels);
    // The weights become tensors at the first prediction.
    tf.dispose(model.predict(x));
    tf.dispose([model.predict(x), x]);
  });
  model.dispose();
  const execution = EXECUTION[engine.id];
  const estimate = trainingMemory({ description, batchSize, execution, frozen: still });
  return {
    training: estimate.tensors / trained,
    prediction: predictionMemory({ description, batchSize, execution }) / predicted,
  };
}

const CASES: Readonly<Record<string, readonly Case[]>> = {
  tensorflow: [
    { architecture: 'rfb320', batchSize: 4 },
    { architecture: 'rfb320', batchSize: 12 },
    { architecture: 'rfb320', batchSize: 4, frozen: 'base' },
    { architecture: 'ssd300', batchSize: 2, width: 0.25 },
    { architecture: 'ssdlite320', batchSize: 2 },
    { architecture: 'rfbnet300', batchSize: 1, width: 0.25 },
    { architecture: 'rfbnet-mobile', batchSize: 1 },
  ],
  wasm: [
    { architecture: 'rfb320', batchSize: 1, side: 128 },
    { architecture: 'rfb320', batchSize: 3, side: 128 },
    { architecture: 'rfb320', batchSize: 2, side: 128, frozen: 'base' },
    { architecture: 'ssd300', batchSize: 1, width: 0.05 },
    { architecture: 'ssdlite320', batchSize: 1, side: 128 },
  ],
};

/** TensorFlow's reshaped tensors count once more here, although they share their numbers: 1x1 convolutions have three such. */
const TOLERANCE = { tensorflow: [0.03, 0.3], wasm: [0.05, 0.01] } as const;

describeOnEngines('the memory of a step', (engine, engineId) => {
  it.each(CASES[engineId])('is estimated: %o', async (each) => {
    const { training, prediction } = await compare(engine(), each);
    const [above, below] = TOLERANCE[engineId];
    for (const ratio of [training, prediction]) {
      expect(ratio).toBeLessThan(1 + above);
      expect(ratio).toBeGreaterThan(1 - below);
    }
  });
});
