import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { sourceMaps } from '@core/network/shapes';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import { matchTargets } from '@core/priors/match';
import { type Engine, openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { multiBoxLoss } from '../../../src-main/engine/loss';
import type { HostParameters } from '../../../src-main/engine/executor-parameters-host';
import { HostOptimiser } from '../../../src-main/engine/optimiser-host';
import { isReady } from '../../support/engines-available';
import { recordFidelity } from '../../support/fidelity';
import { describeGolden } from '../../support/golden-files';
import { type GoldenForward, goldenInput, goldenWeights } from '../../support/golden-network';
import { gradientsOf } from '../../support/gradients';
import { readJson } from '../../support/shared';

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

describeGolden('loss', 'a network learns as its reference', (path, reference) => {
  let engine: Engine;
  let model: Model;
  let input: Tensor4D;
  let weights: NamedTensor[];
  let losses: GoldenLoss;
  let classes: number;

  beforeAll(async () => {
    if (!isReady('tensorflow')) return;
    losses = readJson(path);
    // The batch and the classes are those of the forward file beside it.
    const forward = readJson<GoldenForward>(path.replace(/-loss\.json$/, '-forward.json'));
    classes = forward.conf.shape[2];
    const choice = defaultChoice(reference.architecture);
    const description = buildNetwork(choice, classes, reference.defaultBoxes!.sources.map(boxesPerCell));
    weights = goldenWeights(description, losses.seed, reference.nameInReference);
    engine = await openEngine('tensorflow');
    model = new Model(engine, description, { weights });
    input = goldenInput({ ...forward, seed: losses.seed });
  });
  afterAll(() => {
    if (!isReady('tensorflow')) return;
    model.dispose();
    input.dispose();
  });

  const loss = () =>
    ({
      table: 'Loss and gradients',
      subject: architecture(reference.architecture).name,
      source: reference.source,
      engine,
      relative: true,
    }) as const;

  /** Targets as torchvision matches them. */
  const targetsOf = ({ targets, positives }: LossCase) => {
    const { input: size } = model.description;
    const maps = sourceMaps(model.description);
    const defaultBoxes = generateDefaultBoxes(reference.defaultBoxes!, size, maps);
    const labels = new Int32Array(targets.length * defaultBoxes.total);
    const offsets = new Float32Array(labels.length * 4);
    targets.forEach(({ boxes, labels: classIndex }, i) => {
      const corners = boxes.flat().map((value) => value / size.width);
      const matched = matchTargets({ corners, classIndex }, defaultBoxes, 0.5, [0.1, 0.2], undefined, 'lastWins');
      expect(matched.positives).toBe(positives[i]);
      labels.set(matched.labels, i * defaultBoxes.total);
      offsets.set(matched.offsets, i * defaultBoxes.total * 4);
    });
    return { labels, offsets };
  };
  const options = { alpha: 1, negativesPerPositive: 3 };
  const step = (goal: ReturnType<typeof targetsOf>) => {
    const pass = model.forward(input);
    const [confidence, localisation] = [pass.confidence.dataSync(), pass.localisation.dataSync()] as Float32Array[];
    const found = multiBoxLoss(confidence, localisation, goal, input.shape[0], classes, options);
    const ofOutputs = { localisation: found.localisationGradient, confidence: found.confidenceGradient };
    return { ...found, gradients: gradientsOf(model, pass, ofOutputs) };
  };
  const relativeDifference = (ours: number, reference: number) => Math.abs(ours - reference) / Math.abs(reference);

  it.skipIf(!isReady('tensorflow'))('has the same losses and gradients, also with a picture without objects', () => {
    for (const [name, golden] of Object.entries(losses.cases)) {
      const { localisationLoss, confidenceLoss, gradients } = step(targetsOf(golden));
      const kinds = [
        ['localisation', localisationLoss, golden.localisation],
        ['confidence', confidenceLoss, golden.confidence],
      ] as const;
      for (const [kind, ours, reference] of kinds) {
        const difference = relativeDifference(ours, reference);
        const what = `${kind} loss, targets "${name}"`;
        recordFidelity({ ...loss(), what, reference, ours, largestDifference: difference, tolerance: 5e-4 });
      }
      const norms = model.parameters.table.entries.map(({ parameter, offset, size }) => {
        let sum = 0;
        for (let i = offset; i < offset + size; i++) sum += gradients[i] ** 2;
        const expected = golden.gradientNorm[reference.nameInReference(parameter.name)];
        // Norms near zero are rounding: they are compared as if they were 2e-3.
        const difference = Math.abs(Math.sqrt(sum) - expected) / Math.max(expected, 2e-3);
        return { name: parameter.name, ours: Math.sqrt(sum), reference: expected, difference };
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
    const options = { momentum: 0.9, weightDecay: 5e-4, decayBiases: true };
    const optimiser = new HostOptimiser(model.parameters as HostParameters, options);
    const steps = losses.trajectory.map((reference) => {
      const { localisationLoss, confidenceLoss, gradients } = step(goal);
      optimiser.gradients.values.set(gradients);
      optimiser.update(1e-4);
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
