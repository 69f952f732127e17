import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { decodeBoxes, encodeBox } from '@core/priors/coder';
import { detectObjects } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { matchOverlaps, matchTargets } from '@core/priors/match';
import { COCO300 } from '@core/priors/presets';
import { goldenTensor } from '../../support/golden-random';
import { GOLDEN_DIR, SPEC_DIR, describeWith, readJson } from '../../support/shared';

const golden = join(SPEC_DIR, 'golden.json');
const boxes = generateDefaultBoxes(
  { ...COCO300, clip: 'size' },
  { width: 300, height: 300 },
  [38, 19, 10, 5, 3, 1].map((side) => ({ width: side, height: side })),
);

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
    target.forEach((value, i) => expect(offsets[i]).toBeCloseTo(value, 12));
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

const loss = join(GOLDEN_DIR, 'torchvision-ssd300-loss.json');

describeWith('positives against torchvision', [loss], () => {
  it('matches as many default boxes per picture where no two objects want one', () => {
    interface Case {
      readonly targets: readonly {
        readonly boxes: readonly (readonly number[])[];
        readonly labels: readonly number[];
      }[];
      readonly positives: readonly number[];
    }
    const { cases } = readJson<{ cases: Readonly<Record<string, Case>> }>(loss);
    for (const { targets, positives } of Object.values(cases)) {
      targets.forEach((target, image) => {
        const objects = { corners: target.boxes.flat().map((v) => v / 300), classIndex: target.labels };
        const found = matchTargets(objects, boxes, 0.5, [0.1, 0.2]);
        expect(found.positives).toBe(positives[image]);
        expect(found.labels.filter((label) => label > 0).length).toBe(positives[image]);
      });
    }
  });
});

const post = join(GOLDEN_DIR, 'torchvision-ssd300-postprocess.json');

describeWith('detections against torchvision', [post], () => {
  it('finds the same boxes with the same scores in the same order', () => {
    const { detections } = readJson<{ detections: readonly (readonly number[])[] }>(post);
    const offsets = goldenTensor('post:loc', 8732 * 4, -1, 1);
    const logits = goldenTensor('post:conf', 8732 * 21, -6, 6);
    const confidences = new Float32Array(logits.length);
    for (let p = 0; p < 8732; p++) {
      const row = logits.subarray(p * 21, p * 21 + 21);
      row[0] += 6;
      const exps = Array.from(row, (value) => Math.exp(value - Math.max(...row)));
      const sum = exps.reduce((a, b) => a + b, 0);
      exps.forEach((value, c) => (confidences[p * 21 + c] = value / sum));
    }
    const rules = { scoreThreshold: 0.01, perClass: 400, iouThreshold: 0.45, perImage: 200, clipFirst: true };
    const found = detectObjects(confidences, offsets, boxes, [0.1, 0.2], { width: 300, height: 300 }, rules);
    expect(found.length).toBe(detections.length);
    found.forEach((detection, i) => {
      const [label, score, ...corners] = detections[i];
      expect(detection.classIndex + 1, `rank ${i}`).toBe(label);
      expect(detection.score).toBeCloseTo(score, 5);
      const { x1, y1, x2, y2 } = detection.box;
      [x1, y1, x2, y2].forEach((value, j) => expect(value).toBeCloseTo(corners[j], 2));
    });
  });
});
