import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  allPointAveragePrecision,
  elevenPointAveragePrecision,
  precisionRecall,
} from '@core/evaluation/average-precision';
import type { EvaluationImage } from '@core/evaluation/pictures';
import { evaluateVoc } from '@core/evaluation/voc';
import type { VocConvention } from '@core/evaluation/voc-convention';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { referenceVoc } from '../../support/reference-voc';
import { DATA_DIR, SPEC_DIR, describeWith, readJson } from '../../support/shared';

const golden = join(SPEC_DIR, 'golden.json');

describeWith('average precision against golden.json', [golden], () => {
  it('of six detections and five objects, in three ways', () => {
    const { ap } = readJson<{ ap: Record<string, number> & { tpInScoreOrder: number[] } }>(golden);
    const curve = precisionRecall(ap.tpInScoreOrder, ap.npos);
    const ways = [
      ['every point', allPointAveragePrecision(curve), ap.allPoint],
      ['eleven points of numpy.arange', elevenPointAveragePrecision(curve, 'numpy'), ap.elevenPoint_numpyThresholds],
      ['eleven points, exact tenths', elevenPointAveragePrecision(curve, 'exact'), ap.elevenPoint_exactTenths],
    ] as const;
    for (const [points, ours, reference] of ways) {
      recordFidelity({
        table: 'Metrics',
        subject: `VOC, ${points}`,
        source: 'golden.json',
        what: 'average precision, six detections of five objects',
        reference,
        ours,
        largestDifference: Math.abs(ours - reference),
        tolerance: 1e-12,
      });
    }
  });
});

const padilla = join(DATA_DIR, 'padilla-ap/review/tests/test_case_1');

/** Seven pictures in name order; lines of "class [score] left top width height". */
function readImages(): EvaluationImage[] {
  const lines = (folder: string, file: string): number[][] =>
    readFileSync(join(padilla, folder, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).slice(1).map(Number));
  const boxOf = ([x, y, w, h]: number[]) => ({ x1: x, y1: y, x2: x + w, y2: y + h });
  return readdirSync(join(padilla, 'gts'))
    .sort()
    .map((file, i) => ({
      imageId: i + 1,
      groundTruths: lines('gts', file).map((box) => ({ classIndex: 0, box: boxOf(box), difficult: false })),
      detections: lines('dets', file).map(([score, ...box]) => ({ classIndex: 0, score, box: boxOf(box) })),
    }));
}

describeWith('VOC evaluation against review_object_detection_metrics', [padilla], () => {
  // From data/padilla-ap/README.txt: IoU threshold, 11-point, every point.
  const expected = [
    [0.1, 0.3333333333, 0.3371980676],
    [0.3, 0.2683982683, 0.2456866804],
    [0.5, 0.0303030303, 0.0222222222],
    [0.75, 0, 0],
  ];

  for (const [iouThreshold, elevenPoint, everyPoint] of expected) {
    it(`24 detections of 15 objects at IoU ${iouThreshold}`, () => {
      const images = readImages();
      const score = (metric: 'voc' | 'voc07') =>
        evaluateVoc({ classNames: ['object'], images, metric, iouThreshold }).meanAveragePrecision;
      const metrics = [
        ['voc', 'every point', everyPoint],
        ['voc07', 'eleven points', elevenPoint],
      ] as const;
      for (const [metric, points, reference] of metrics) {
        const ours = score(metric) ?? NaN;
        recordFidelity({
          table: 'Metrics',
          subject: `VOC, ${points}, IoU ${iouThreshold}`,
          source: 'review_object_detection_metrics',
          what: 'average precision, 24 detections of 15 objects',
          reference,
          ours,
          // The reference is printed with ten digits.
          largestDifference: Math.abs(ours - reference),
          tolerance: 1e-9,
        });
      }
    });
  }
});

describeWith('VOC evaluation with options against voc_eval.py written again', [padilla], () => {
  const CONVENTIONS: readonly VocConvention[] = (['inclusive', 'continuous'] as const).flatMap((pixels) =>
    (['found', 'missed'] as const).flatMap((atThreshold) =>
      (['numpy', 'exact'] as const).flatMap((elevenPointThresholds) =>
        (['ignored', 'counted'] as const).map((difficult) => ({
          pixels,
          atThreshold,
          elevenPointThresholds,
          difficult,
        })),
      ),
    ),
  );

  it.each(['voc', 'voc07'] as const)('every combination of options, every third object difficult: %s', (metric) => {
    const images = readImages().map(({ groundTruths, ...image }, i) => ({
      ...image,
      groundTruths: groundTruths.map((object, k) => ({ ...object, difficult: (i + k) % 3 === 0 })),
    }));
    const choices = CONVENTIONS.map((convention) => ({ metric, iouThreshold: 0.3, convention }));
    const ours = choices.map(
      (choice) => evaluateVoc({ classNames: ['object'], images, ...choice }).meanAveragePrecision ?? NaN,
    );
    const expected = choices.map((choice) => referenceVoc(images, 0, choice) ?? NaN);
    expect(new Set(expected).size).toBeGreaterThan(1);
    recordFidelity({
      table: 'Metrics',
      subject: `VOC, ${metric === 'voc' ? 'every point' : 'eleven points'}, all options`,
      source: "voc_eval.py's method, written again",
      what: `average precision in ${choices.length} combinations: pixels, threshold, tenths, difficult (the devkit's)`,
      reference: expected[0],
      ours: ours[0],
      largestDifference: largestDifference(ours, expected),
      tolerance: 1e-12,
    });
  });
});
