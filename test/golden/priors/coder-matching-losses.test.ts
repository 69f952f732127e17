import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { elements } from '@core/network/parameters';
import { sourceMaps } from '@core/network/shapes';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { decodeBoxes, encodeBox } from '@core/priors/coder';
import { CAFFE_RULES, detectObjects } from '@core/priors/detections';
import { type DefaultBoxes, generateDefaultBoxes } from '@core/priors/generate';
import { matchOverlaps, matchTargets } from '@core/priors/match';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { describeGolden, type GoldenReference } from '../../support/golden-files';
import { goldenTensor } from '../../support/golden-random';
import { SPEC_DIR, describeWith, readJson } from '../../support/shared';

const golden = join(SPEC_DIR, 'golden.json');
describeWith('encoding and matching against golden.json', [golden], () => {
  interface Golden {
    readonly encode: {
      readonly gtCorner: readonly number[];
      readonly priorCentre: readonly number[];
      readonly variance: readonly number[];
      readonly target: readonly number[];
    };
    readonly matching: { readonly iou_gt_by_prior: readonly (readonly number[])[] } & Readonly<
      Record<'caffeBipartiteThen0.5', readonly number[]>
    >;
  }
  let expected: Golden;
  beforeAll(() => {
    expected = readJson<Golden>(golden);
  });

  it('encodes a box, and decodes it again', () => {
    const { gtCorner, priorCentre, variance, target } = expected.encode;
    const variances = [variance[0], variance[2]] as const;
    const offsets = new Float64Array(4);
    encodeBox(gtCorner, 0, priorCentre, 0, variances, offsets);
    recordFidelity({
      table: 'Loss and gradients',
      subject: 'encoded box',
      source: 'golden.json',
      what: 'four offsets (the first)',
      reference: target[0],
      ours: offsets[0],
      largestDifference: largestDifference(offsets, target),
      tolerance: 1e-12,
    });
    const decoded = decodeBoxes(offsets, priorCentre, variances, new Float64Array(4));
    gtCorner.forEach((value, i) => expect(decoded[i]).toBeCloseTo(value, 12));
  });

  it('gives two objects that want one default box two of them', () => {
    const rows = expected.matching.iou_gt_by_prior;
    const matched = new Int32Array(3);
    expect(matchOverlaps(rows.flat(), 2, 3, 0.5, matched)).toBe(2);
    expect(Array.from(matched)).toEqual(expected.matching['caffeBipartiteThen0.5']);
  });
});

/** As the reference makes them for its own input. */
function defaultBoxesOf({ architecture: id, defaultBoxes }: GoldenReference): DefaultBoxes {
  const choice = defaultChoice(id);
  const network = buildNetwork(choice, 2, defaultBoxes!.sources.map(boxesPerCell));
  return generateDefaultBoxes(defaultBoxes!, choice.input, sourceMaps(network));
}

describeGolden('loss', 'positives against the reference', (path, reference) => {
  it('matches as many default boxes per picture by its own rule', () => {
    interface Case {
      readonly targets: readonly {
        readonly boxes: readonly (readonly number[])[];
        readonly labels: readonly number[];
      }[];
      readonly positives: readonly number[];
    }
    const { cases } = readJson<{ cases: Readonly<Record<string, Case>> }>(path);
    const boxes = defaultBoxesOf(reference);
    const { width, height } = defaultChoice(reference.architecture).input;
    const sides = [width, height, width, height];
    for (const [name, { targets, positives }] of Object.entries(cases)) {
      const ours = targets.map((target, image) => {
        const objects = {
          corners: target.boxes.flatMap((box) => box.map((v, i) => v / sides[i])),
          classIndex: target.labels,
        };
        const found = matchTargets(objects, boxes, 0.5, [0.1, 0.2], undefined, 'lastWins');
        expect(found.positives).toBe(positives[image]);
        expect(found.labels.filter((label) => label > 0).length).toBe(positives[image]);
        return found.positives;
      });
      recordFidelity({
        table: 'Loss and gradients',
        subject: architecture(reference.architecture).name,
        source: reference.source,
        what: `matched default boxes per picture, targets "${name}"`,
        reference: positives.join(', '),
        ours: ours.join(', '),
        largestDifference: largestDifference(ours, positives),
        tolerance: 0,
      });
    }
  });
});

/** A tensor that the generator makes from its name. */
interface Generated {
  readonly shape: readonly number[];
  readonly range: readonly [number, number];
}

describeGolden('postprocess', 'detections against the reference', (path, reference) => {
  it('finds the same boxes with the same scores in the same order', () => {
    const boxes = defaultBoxesOf(reference);
    const { detections, input, seed } = readJson<{
      seed: number;
      input: Readonly<Record<'post:loc' | 'post:conf', Generated>>;
      detections: readonly (readonly number[])[];
    }>(path);
    const generated = (name: keyof typeof input) =>
      goldenTensor(name, elements(input[name].shape), input[name].range[0], input[name].range[1], seed);
    const offsets = generated('post:loc');
    const logits = generated('post:conf');
    const classes = input['post:conf'].shape[2];
    const confidences = new Float32Array(logits.length);
    for (let p = 0; p < boxes.total; p++) {
      const row = logits.subarray(p * classes, (p + 1) * classes);
      row[0] += 6;
      const exps = Array.from(row, (value) => Math.exp(value - Math.max(...row)));
      const sum = exps.reduce((a, b) => a + b, 0);
      exps.forEach((value, c) => (confidences[p * classes + c] = value / sum));
    }
    const rules = { ...CAFFE_RULES, clipFirst: true };
    const found = detectObjects(
      confidences,
      offsets,
      boxes,
      [0.1, 0.2],
      defaultChoice(reference.architecture).input,
      rules,
    );
    expect(found.length).toBe(detections.length);
    const labels = detections.map(([label]) => label);
    expect(found.map(({ classIndex }) => classIndex + 1)).toEqual(labels);
    const compared = {
      table: 'Post-processing',
      subject: architecture(reference.architecture).name,
      source: reference.source,
    } as const;
    const scores = found.map(({ score }) => score);
    recordFidelity({
      ...compared,
      what: `scores of the ${found.length} best detections, in order (the best)`,
      reference: detections[0][1],
      ours: scores[0],
      largestDifference: largestDifference(
        scores,
        detections.map(([, score]) => score),
      ),
      tolerance: 5e-6,
    });
    const corners = found.flatMap(({ box }) => [box.x1, box.y1, box.x2, box.y2]);
    recordFidelity({
      ...compared,
      what: `corners of the ${found.length} best detections, pixels (x1 of the best)`,
      reference: detections[0][2],
      ours: corners[0],
      largestDifference: largestDifference(
        corners,
        detections.flatMap(([, , ...box]) => box),
      ),
      tolerance: 5e-3,
    });
  });
});
