/** Every architecture of the zoo, made small, trains on every engine. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { ARCHITECTURES } from '@core/network/zoo';
import { type Engine, openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { multiBoxLoss } from '../../../src-main/engine/loss';
import { Trainer } from '../../../src-main/engine/optimiser-step';
import { describeOnEngines, isReady, randomNumbers } from '../../support/engines-available';
import { gradientsOf } from '../../support/gradients';
import { boxesOfSources, smallNetwork } from '../../support/networks';

const CLASSES = 3;
const PICTURES = 2;
const options = { momentum: 0.9, weightDecay: 5e-4, alpha: 1, negativesPerPositive: 3, clipNorm: 10 };
const ids = ARCHITECTURES.map(({ id }) => id);
/** A whole step of these takes wasm a second or two. */
const QUICK: readonly ArchitectureId[] = ['rfb320', 'slim320', 'ssd300', 'rfbnet300'];

const modelOf = (engine: Engine, id: ArchitectureId): Model =>
  new Model(engine, smallNetwork(id, CLASSES), { seed: 11 });

/** In every picture the first box of each source is positive, and one in fifty of the rest. */
function targetsOf(model: Model, pictures: number) {
  const labels = new Int32Array(pictures * model.boxes);
  const offsets = new Float32Array(labels.length * 4);
  let first = 0;
  for (const count of boxesOfSources(model.description)) {
    for (let p = 0; p < pictures; p++) {
      for (let i = first; i < first + count; i += 50) labels[p * model.boxes + i] = 1 + (i % (CLASSES - 1));
    }
    first += count;
  }
  labels.forEach((label, i) => label > 0 && offsets.set([0.5, -0.5, 0.2, 1.5], 4 * i));
  return { labels, offsets };
}

function imagesOf(model: Model, pictures: number): Float32Array {
  const { width, height } = model.description.input;
  return randomNumbers(23)(pictures * height * width * 3);
}

/** Loss and gradients of the first step, without the step. */
function firstStep(model: Model, pictures: number) {
  const { width, height } = model.description.input;
  const x = tf.tensor(imagesOf(model, pictures), [pictures, height, width, 3]) as Tensor4D;
  const pass = model.forward(x);
  const [confidence, localisation] = [pass.confidence.dataSync(), pass.localisation.dataSync()] as Float32Array[];
  const loss = multiBoxLoss(confidence, localisation, targetsOf(model, pictures), pictures, CLASSES, options);
  const ofOutputs = { localisation: loss.localisationGradient, confidence: loss.confidenceGradient };
  const gradients = gradientsOf(model, pass, ofOutputs);
  x.dispose();
  return { ...loss, gradients };
}

describe.skipIf(!isReady('tensorflow'))('training on tensorflow', () => {
  it.each(ids)('%s: finite losses, a gradient for every parameter, no tensor left', async (id) => {
    const model = modelOf(await openEngine('tensorflow'), id);
    const { gradients } = firstStep(model, PICTURES);
    for (const { parameter, offset, size } of model.parameters.table.entries) {
      if (!parameter.trainable) continue;
      const own = gradients.subarray(offset, offset + size);
      expect(own.every(Number.isFinite), parameter.name).toBe(true);
      expect(
        own.some((value) => value !== 0),
        parameter.name,
      ).toBe(true);
    }

    const trainer = new Trainer(model, options);
    const [images, targets] = [imagesOf(model, PICTURES), targetsOf(model, PICTURES)];
    const tensors: number[] = [];
    for (let step = 0; step < 2; step++) {
      const result = await trainer.step(images, targets, 1e-3);
      expect(Object.values(result).flat().every(Number.isFinite), JSON.stringify(result)).toBe(true);
      expect(result.confidenceLoss).toBeGreaterThan(0);
      tensors.push(tf.memory().numTensors);
    }
    expect(tensors[1]).toBe(tensors[0]);
    model.dispose();
  });

  it.each(['ssdlite320', 'rfbnet300', 'rfbnet-mobile'] as const)(
    '%s: a batch of one picture, whose last map is a single cell',
    async (id) => {
      const model = modelOf(await openEngine('tensorflow'), id);
      const { confidenceLoss, localisationLoss, gradients } = firstStep(model, 1);
      expect(Number.isFinite(confidenceLoss + localisationLoss)).toBe(true);
      expect(gradients.every(Number.isFinite)).toBe(true);
      expect((await model.readWeights()).every(({ values }) => values.every(Number.isFinite))).toBe(true);
      model.dispose();
    },
  );
});

describe.skipIf(!isReady('tensorflow') || !isReady('wasm'))('tensorflow and wasm', () => {
  const outputs = (engine: Engine, id: ArchitectureId) => {
    const model = modelOf(engine, id);
    const { width, height } = model.description.input;
    const x = tf.tensor(imagesOf(model, PICTURES), [PICTURES, height, width, 3]) as Tensor4D;
    const pass = model.forward(x);
    const [confidence, localisation] = [pass.confidence.dataSync(), pass.localisation.dataSync()] as Float32Array[];
    model.release(pass);
    x.dispose();
    const loss = multiBoxLoss(confidence, localisation, targetsOf(model, PICTURES), PICTURES, CLASSES, options);
    model.dispose();
    return loss;
  };
  const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(a);

  it.each(ids)('%s: the same loss at the first step', async (id) => {
    const a = outputs(await openEngine('tensorflow'), id);
    const b = outputs(await openEngine('wasm'), id);
    expect(relative(a.confidenceLoss, b.confidenceLoss)).toBeLessThan(1e-3);
    expect(relative(a.localisationLoss, b.localisationLoss)).toBeLessThan(1e-3);
  });

  it.each(QUICK)('%s: the same gradients', async (id) => {
    const run = async (engine: 'tensorflow' | 'wasm') => {
      const model = modelOf(await openEngine(engine), id);
      const { gradients } = firstStep(model, PICTURES);
      model.dispose();
      return gradients;
    };
    const [a, b] = [await run('tensorflow'), await run('wasm')];
    const apart = Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
    // Not less: rounding moves inputs of ReLUs over 0 behind many batch norms.
    expect(apart / Math.sqrt(a.reduce((sum, value) => sum + value * value, 0))).toBeLessThan(3e-2);
  });
});

describeOnEngines('prediction', (engine) => {
  it('frees maps as soon as nobody reads them', () => {
    const model = modelOf(engine(), 'ssd300');
    const { width, height } = model.description.input;
    const x = tf.zeros([1, height, width, 3]) as Tensor4D;
    tf.dispose(model.predict(x));
    const kernels = engine().kernels;
    const { convolution } = kernels;
    const before = tf.memory().numTensors;
    let most = 0;
    kernels.convolution = function (...given) {
      most = Math.max(most, tf.memory().numTensors - before);
      return convolution.apply(this, given);
    };
    try {
      tf.dispose(model.predict(x));
    } finally {
      kernels.convolution = convolution;
    }
    // At the end: the heads that are done, two a source, and the source that the last one reads.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(12);
    x.dispose();
    model.dispose();
  });
});
