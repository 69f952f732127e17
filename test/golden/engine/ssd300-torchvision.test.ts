import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { generateDefaultBoxes } from '@core/priors/generate';
import { matchTargets } from '@core/priors/match';
import { COCO300 } from '@core/priors/presets';
import { type Engine, openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { multiBoxLoss } from '../../../src-main/engine/loss';
import { Optimiser } from '../../../src-main/engine/optimiser';
import { isReady } from '../../support/engines-available';
import { recordFidelity } from '../../support/fidelity';
import { compareWithSummary, type GoldenForward, goldenInput, goldenWeights } from '../../support/golden-network';
import { describeWith, GOLDEN_DIR, readJson } from '../../support/shared';
import { torchvisionName } from '../../support/torchvision-names';

const forwardFile = join(GOLDEN_DIR, 'torchvision-ssd300-forward.json');
const lossFile = join(GOLDEN_DIR, 'torchvision-ssd300-loss.json');
const SOURCE = 'torchvision 0.29';

interface LossCase {
  readonly targets: readonly { readonly boxes: readonly (readonly number[])[]; readonly labels: readonly number[] }[];
  readonly positives: readonly number[];
  readonly localisation: number;
  readonly confidence: number;
  readonly gradientNorm: Readonly<Record<string, number>>;
}

interface GoldenLoss {
  readonly seed: number;
  readonly cases: Readonly<Record<string, LossCase>>;
  readonly trajectory: readonly (readonly [localisation: number, confidence: number])[];
}

describeWith('SSD300 against torchvision', [forwardFile, lossFile], () => {
  let engine: Engine;
  let model: Model;
  let input: Tensor4D;
  let weights: NamedTensor[];
  let forward: GoldenForward;
  let losses: GoldenLoss;
  let classes: number;

  beforeAll(async () => {
    if (!isReady('tensorflow')) return;
    forward = readJson(forwardFile);
    losses = readJson(lossFile);
    // The losses are those of the forward file's batch: one generator, one seed.
    expect(losses.seed).toBe(forward.seed);
    classes = forward.conf.shape[2];
    const description = buildNetwork(defaultChoice('ssd300'), classes, [4, 6, 6, 6, 4, 4]);
    weights = goldenWeights(description, forward.seed, torchvisionName);
    engine = await openEngine('tensorflow');
    model = new Model(engine, description, { weights });
    input = goldenInput(forward);
  });
  afterAll(() => {
    if (!isReady('tensorflow')) return;
    model.dispose();
    input.dispose();
  });

  it.skipIf(!isReady('tensorflow'))('predicts the same offsets and class scores', () => {
    const compared = {
      table: 'Forward passes',
      subject: `SSD300, ${classes} classes`,
      source: SOURCE,
      engine,
    } as const;
    const { localisation, confidence } = model.predict(input);
    compareWithSummary({ ...compared, what: 'offsets' }, localisation.dataSync() as Float32Array, forward.loc);
    compareWithSummary({ ...compared, what: 'class scores' }, confidence.dataSync() as Float32Array, forward.conf);
    tf.dispose([localisation, confidence]);
  });

  const loss = () =>
    ({ table: 'Loss and gradients', subject: 'SSD300', source: SOURCE, engine, relative: true }) as const;

  /** Targets as torchvision matches them: its rule and Caffe's agree where no two objects want the same default box. */
  const targetsOf = ({ targets, positives }: LossCase) => {
    const { input: size } = model.description;
    const maps = sourceMaps(model.description);
    const defaultBoxes = generateDefaultBoxes({ ...COCO300, clip: 'size' }, size, maps);
    const labels = new Int32Array(targets.length * defaultBoxes.total);
    const offsets = new Float32Array(labels.length * 4);
    targets.forEach(({ boxes, labels: classIndex }, i) => {
      const corners = boxes.flat().map((value) => value / size.width);
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
    const found = multiBoxLoss(confidence, localisation, goal, input.shape[0], classes, options);
    model.backward(pass, found.localisationGradient, found.confidenceGradient, gradients);
    return found;
  };
  const relativeDifference = (ours: number, reference: number) => Math.abs(ours - reference) / Math.abs(reference);

  it.skipIf(!isReady('tensorflow'))('has the same losses and gradients, also with a picture without objects', () => {
    for (const [name, golden] of Object.entries(losses.cases)) {
      const gradients = new Float32Array(model.parameters.trainable);
      const { localisationLoss, confidenceLoss } = step(targetsOf(golden), gradients);
      const kinds = [
        ['localisation', localisationLoss, golden.localisation],
        ['confidence', confidenceLoss, golden.confidence],
      ] as const;
      for (const [kind, ours, reference] of kinds) {
        const difference = relativeDifference(ours, reference);
        const what = `${kind} loss, targets "${name}"`;
        recordFidelity({ ...loss(), what, reference, ours, largestDifference: difference, tolerance: 5e-4 });
      }
      const norms = model.parameters.entries.map(({ parameter, offset, size }) => {
        let sum = 0;
        for (let i = offset; i < offset + size; i++) sum += gradients[i] ** 2;
        const reference = golden.gradientNorm[torchvisionName(parameter.name)];
        // Norms near zero are rounding: they are compared as if they were 2e-3.
        const difference = Math.abs(Math.sqrt(sum) - reference) / Math.max(reference, 2e-3);
        return { name: parameter.name, ours: Math.sqrt(sum), reference, difference };
      });
      const worst = norms.reduce((a, b) => (b.difference > a.difference ? b : a));
      expect(norms.length).toBe(Object.keys(golden.gradientNorm).length);
      recordFidelity({
        ...loss(),
        what: `gradient norms of ${norms.length} parameters, targets "${name}" (the worst, ${worst.name})`,
        reference: worst.reference,
        ours: worst.ours,
        largestDifference: worst.difference,
        tolerance: 5e-3,
      });
    }
  });

  it.skipIf(!isReady('tensorflow'))('follows the same losses through its steps', () => {
    const goal = targetsOf(losses.cases.two);
    // torchvision's references decay every parameter.
    const optimiser = new Optimiser(model.parameters, { momentum: 0.9, weightDecay: 5e-4, decayAll: true });
    const gradients = new Float32Array(model.parameters.trainable);
    const steps = losses.trajectory.map((reference) => {
      const { localisationLoss, confidenceLoss } = step(goal, gradients);
      optimiser.update(gradients, 1e-4);
      return { reference, ours: [localisationLoss, confidenceLoss] };
    });
    model.writeWeights(weights);
    const sum = ([localisation, confidence]: readonly number[]) => localisation + confidence;
    const last = steps[steps.length - 1];
    recordFidelity({
      ...loss(),
      what: `both losses over ${steps.length} SGD steps (their sum at the last)`,
      reference: sum(last.reference),
      ours: sum(last.ours),
      largestDifference: Math.max(
        ...steps.flatMap(({ ours, reference }) => ours.map((value, i) => relativeDifference(value, reference[i]))),
      ),
      tolerance: 0.02,
    });
  });
});
