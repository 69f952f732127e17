import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { elements, parameters } from '@core/network/parameters';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { generateDefaultBoxes } from '@core/priors/generate';
import { matchTargets } from '@core/priors/match';
import { COCO300 } from '@core/priors/presets';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { multiBoxLoss } from '../../../src-main/engine/loss';
import { Optimiser } from '../../../src-main/engine/optimiser';
import { isReady } from '../../support/engines-available';
import { goldenTensor } from '../../support/golden-random';
import { describeWith, GOLDEN_DIR, readJson } from '../../support/shared';

const forwardFile = join(GOLDEN_DIR, 'torchvision-ssd300-forward.json');
const lossFile = join(GOLDEN_DIR, 'torchvision-ssd300-loss.json');
const CLASSES = 21;
const description = buildNetwork(defaultChoice('ssd300'), CLASSES, [4, 6, 6, 6, 4, 4]);

interface Summary {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly absSum: number;
  readonly samples: readonly (readonly [number, number])[];
}

interface LossCase {
  readonly targets: readonly { readonly boxes: readonly (readonly number[])[]; readonly labels: readonly number[] }[];
  readonly positives: readonly number[];
  readonly localisation: number;
  readonly confidence: number;
  readonly gradientNorm: Readonly<Record<string, number>>;
}

/** amdegroot's names, which ours are, in torchvision's (SPEC.md 13.2). */
function torchvisionName(name: string): string {
  const [, layer, suffix] = /^(.*)\.(weight|bias)$/.exec(name)!;
  if (layer === 'L2Norm') return 'backbone.scale_weight';
  const [kind, index] = layer.split('.');
  const n = Number(index);
  const late: Record<number, string> = { 24: '0.1', 26: '0.3', 28: '0.5', 31: '0.7.1', 33: '0.7.3' };
  const place =
    kind === 'vgg'
      ? n <= 21
        ? `backbone.features.${n}`
        : `backbone.extra.${late[n]}`
      : kind === 'extras'
        ? `backbone.extra.${Math.floor(n / 2) + 1}.${2 * (n % 2)}`
        : `head.${kind === 'loc' ? 'regression' : 'classification'}_head.module_list.${n}`;
  return `${place}.${suffix}`;
}

/** The golden files' generated weights: shared/golden/README.md. */
function generatedWeights(): NamedTensor[] {
  return parameters(description).map(({ name, shape, kind }) => {
    const limit = kind === 'kernel' ? Math.sqrt(6 / (shape[1] * shape[2] * shape[3])) : 0.05;
    const [low, high] = kind === 'scale' ? [19, 21] : [-limit, limit];
    return { name, shape, values: goldenTensor(torchvisionName(name), elements(shape), low, high) };
  });
}

/** The golden input [2, 3, 300, 300] as NHWC. */
function generatedInput(): Tensor4D {
  return tf.tidy(() => {
    const values = goldenTensor('input', 2 * 3 * 300 * 300, 0, 1);
    return tf.transpose(tf.tensor(values, [2, 3, 300, 300]), [0, 2, 3, 1]) as Tensor4D;
  });
}

function expectSummary(values: Float32Array, summary: Summary): void {
  expect(values).toHaveLength(elements(summary.shape));
  const absSum = values.reduce((sum, value) => sum + Math.abs(value), 0);
  expect(absSum / summary.absSum).toBeCloseTo(1, 3);
  for (const [i, expected] of summary.samples) expect(Math.abs(values[i] - expected)).toBeLessThan(2e-3);
}

describeWith('SSD300 against torchvision', [forwardFile, lossFile], () => {
  let model: Model;
  let input: Tensor4D;
  const weights = generatedWeights();

  beforeAll(async () => {
    if (!isReady('tensorflow')) return;
    model = new Model(await openEngine('tensorflow'), description, { weights });
    input = generatedInput();
  });
  afterAll(() => {
    if (!isReady('tensorflow')) return;
    model.dispose();
    input.dispose();
  });

  it.skipIf(!isReady('tensorflow'))('predicts the same offsets and class scores', () => {
    const golden = readJson<{ loc: Summary; conf: Summary }>(forwardFile);
    const { localisation, confidence } = model.predict(input);
    expectSummary(localisation.dataSync() as Float32Array, golden.loc);
    expectSummary(confidence.dataSync() as Float32Array, golden.conf);
    tf.dispose([localisation, confidence]);
  });

  const defaultBoxes = generateDefaultBoxes({ ...COCO300, clip: 'size' }, description.input, sourceMaps(description));

  /** Targets as torchvision matches them: its rule and Caffe's agree where no two objects want the same default box. */
  const targetsOf = ({ targets, positives }: LossCase) => {
    const labels = new Int32Array(targets.length * defaultBoxes.total);
    const offsets = new Float32Array(labels.length * 4);
    targets.forEach(({ boxes, labels: classIndex }, i) => {
      const corners = boxes.flat().map((value) => value / 300);
      const matched = matchTargets({ corners, classIndex }, defaultBoxes, 0.5, [0.1, 0.2]);
      expect(matched.positives).toBe(positives[i]);
      labels.set(matched.labels, i * defaultBoxes.total);
      offsets.set(matched.offsets, i * defaultBoxes.total * 4);
    });
    return { labels, offsets };
  };
  const options = { alpha: 1, negativesPerPositive: 3 };
  const step = (goal: ReturnType<typeof targetsOf>, gradients: Float32Array) => {
    const pass = model.forward(input);
    const [confidence, localisation] = [pass.confidence.dataSync(), pass.localisation.dataSync()] as Float32Array[];
    const loss = multiBoxLoss(confidence, localisation, goal, 2, CLASSES, options);
    model.backward(pass, loss.localisationGradient, loss.confidenceGradient, gradients);
    return loss;
  };

  it.skipIf(!isReady('tensorflow')).each(['two', 'empty'])('has the same losses and gradients: %s', (name) => {
    const golden = readJson<{ cases: Record<string, LossCase> }>(lossFile).cases[name];
    const gradients = new Float32Array(model.parameters.trainable);
    const loss = step(targetsOf(golden), gradients);
    expect(loss.localisationLoss / golden.localisation).toBeCloseTo(1, 3);
    expect(loss.confidenceLoss / golden.confidence).toBeCloseTo(1, 3);
    for (const { parameter, offset, size } of model.parameters.entries) {
      let sum = 0;
      for (let i = offset; i < offset + size; i++) sum += gradients[i] ** 2;
      const expected = golden.gradientNorm[torchvisionName(parameter.name)];
      const difference = Math.abs(Math.sqrt(sum) - expected);
      expect(difference, `${parameter.name}: ${Math.sqrt(sum)} against ${expected}`).toBeLessThan(
        1e-5 + 5e-3 * expected,
      );
    }
  });

  it.skipIf(!isReady('tensorflow'))('follows the same losses through four steps', () => {
    const golden = readJson<{ cases: Record<string, LossCase>; trajectory: [number, number][] }>(lossFile);
    const goal = targetsOf(golden.cases.two);
    // torchvision's references decay every parameter.
    const optimiser = new Optimiser(model.parameters, { momentum: 0.9, weightDecay: 5e-4, decayAll: true });
    const gradients = new Float32Array(model.parameters.trainable);
    for (const [localisation, confidence] of golden.trajectory) {
      const loss = step(goal, gradients);
      expect(loss.localisationLoss / localisation).toBeCloseTo(1, 1);
      expect(loss.confidenceLoss / confidence).toBeCloseTo(1, 1);
      optimiser.update(gradients, 1e-4);
    }
    model.writeWeights(weights);
  });
});
