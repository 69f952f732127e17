import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationImages } from '@core/evaluation/picture-tables';
import type { EvaluationImage, GroundTruth } from '@core/evaluation/pictures';
import { evaluateVoc } from '@core/evaluation/voc';
import { DEVKIT, type VocConvention } from '@core/evaluation/voc-convention';
import { hardTables } from '../../support/evaluation-tables';
import { referenceVoc } from '../../support/reference-voc';

const box = (x: number, y: number, size = 100) => ({ x1: x, y1: y, x2: x + size, y2: y + size });
const truth = (x: number, y: number, difficult = false, classIndex = 0): GroundTruth => ({
  classIndex,
  box: box(x, y),
  difficult,
});
const found = (x: number, y: number, score: number, classIndex = 0) => ({ classIndex, score, box: box(x, y) });

function evaluate(images: readonly Omit<EvaluationImage, 'imageId'>[], options = {}) {
  return evaluateVoc({
    classNames: ['nut', 'bolt'],
    images: images.map((image, i) => ({ imageId: i + 1, ...image })),
    metric: 'voc',
    ...options,
  });
}

describe('verdicts', () => {
  it('the better of two detections of one object is true, the other false, whatever their order in the list', () => {
    const { images } = evaluate([{ groundTruths: [truth(0, 0)], detections: [found(2, 0, 0.6), found(4, 0, 0.9)] }]);
    expect(images[0].detections.map(({ score, verdict }) => [score, verdict])).toEqual([
      [0.9, 'true positive'],
      [0.6, 'false positive'],
    ]);
    expect(images[0].groundTruths[0].found).toBe(true);
  });

  it('a detection gets no second choice of object', () => {
    const objects = [truth(0, 0), truth(20, 0)];
    const { images } = evaluate([{ groundTruths: objects, detections: [found(0, 0, 0.9), found(5, 0, 0.8)] }]);
    expect(images[0].detections.map(({ verdict }) => verdict)).toEqual(['true positive', 'false positive']);
  });

  it('detections of a difficult object are ignored, however many, and it is not one to be found', () => {
    const { classes, images } = evaluate([
      {
        groundTruths: [truth(0, 0, true), truth(300, 0)],
        detections: [found(0, 0, 0.9), found(1, 0, 0.8), found(300, 0, 0.7)],
      },
    ]);
    expect(images[0].detections.map(({ verdict }) => verdict)).toEqual(['ignored', 'ignored', 'true positive']);
    expect(classes[0]).toMatchObject({ averagePrecision: 1, groundTruths: 1, detections: 3 });
  });

  it('another class, another picture or too little overlap is false', () => {
    const { images } = evaluate([
      { groundTruths: [truth(0, 0)], detections: [found(0, 0, 0.9, 1), found(60, 0, 0.8)] },
      { groundTruths: [], detections: [found(0, 0, 0.7)] },
    ]);
    expect(images.flatMap(({ detections }) => detections.map(({ verdict }) => verdict))).toEqual([
      'false positive',
      'false positive',
      'false positive',
    ]);
  });

  it('count weak detections but do not show them', () => {
    const { classes, images } = evaluate([{ groundTruths: [truth(0, 0)], detections: [found(0, 0, 0.03)] }]);
    expect(classes[0].averagePrecision).toBe(1);
    expect(images[0].detections).toEqual([]);
    expect(images[0].groundTruths[0].found).toBe(true);
  });
});

describe('conventions', () => {
  // Sides of 99 + 1 and 49 + 1 pixels: an IoU of exactly one half, inclusive.
  const image = {
    groundTruths: [{ classIndex: 0, difficult: false, box: { x1: 1, y1: 1, x2: 100, y2: 100 } }],
    detections: [{ classIndex: 0, score: 0.9, box: { x1: 1, y1: 1, x2: 100, y2: 50 } }],
  };

  it('an IoU of exactly the threshold is found by the devkit and missed by the Python ports', () => {
    expect(evaluate([image]).meanAveragePrecision).toBe(1);
    const convention = { ...DEVKIT, atThreshold: 'missed' } as const;
    expect(evaluate([image], { convention }).meanAveragePrecision).toBe(0);
  });

  it('without the +1 pixel the same boxes overlap less', () => {
    const convention = { ...DEVKIT, pixels: 'continuous' } as const;
    expect(evaluate([image], { convention }).meanAveragePrecision).toBe(0);
  });
});

describe('average precision', () => {
  it('equals that of a plain second implementation under every convention, on boxes full of ties', () => {
    const convention: fc.Arbitrary<VocConvention> = fc.record({
      pixels: fc.constantFrom('inclusive', 'continuous'),
      atThreshold: fc.constantFrom('found', 'missed'),
      elevenPointThresholds: fc.constantFrom('numpy', 'exact'),
      difficult: fc.constantFrom('ignored', 'counted'),
    });
    const metric = fc.constantFrom('voc' as const, 'voc07' as const);
    const iouThreshold = fc.constantFrom(0.25, 0.5, 0.75, 1);
    fc.assert(
      fc.property(hardTables(), convention, metric, iouThreshold, (tables, convention, metric, iouThreshold) => {
        const choice = { metric, iouThreshold, convention };
        const images = evaluationImages(tables);
        const { classes } = evaluateVoc({ classNames: tables.classNames, images, ...choice });
        classes.forEach(({ averagePrecision }, classIndex) => {
          const expected = referenceVoc(images, classIndex, choice);
          if (expected === null) expect(averagePrecision).toBeNull();
          else expect(averagePrecision).toBeCloseTo(expected, 12);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the mean', () => {
  it('leaves out classes without objects and counts those without detections as 0', () => {
    const perfect = { groundTruths: [truth(0, 0)], detections: [found(0, 0, 0.9), found(0, 0, 0.9, 1)] };
    const one = evaluate([perfect]);
    expect(one.classes.map(({ averagePrecision }) => averagePrecision)).toEqual([1, null]);
    expect(one.meanAveragePrecision).toBe(1);
    const two = evaluate([{ ...perfect, groundTruths: [truth(0, 0), truth(0, 200, false, 1)] }]);
    expect(two.classes.map(({ averagePrecision }) => averagePrecision)).toEqual([1, 0]);
    expect(two.meanAveragePrecision).toBe(0.5);
  });

  it('is null where there is nothing to find', () => {
    expect(evaluate([]).meanAveragePrecision).toBeNull();
  });
});

describe('the curve', () => {
  it('falls in score, rises in recall, and is thinned to 200 points with both ends', () => {
    const detections = Array.from({ length: 1000 }, (_, i) => found(i % 3 === 0 ? 0 : 500, 0, 1 - i / 2000));
    const images = detections.map((detection) => ({ groundTruths: [truth(0, 0)], detections: [detection] }));
    const { curve } = evaluate(images).classes[0];
    expect(curve).toHaveLength(200);
    expect(curve[0]).toEqual({ recall: 1 / 1000, precision: 1, score: 1 });
    expect(curve[199].recall).toBeCloseTo(0.334, 9);
    for (let i = 1; i < curve.length; i++) {
      expect(curve[i].score).toBeLessThan(curve[i - 1].score);
      expect(curve[i].recall).toBeGreaterThanOrEqual(curve[i - 1].recall);
    }
  });
});
