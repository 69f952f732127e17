import { describe, expect, it } from 'vitest';
import type { EvaluatedImage, EvaluationReport, Verdict } from '@core/evaluation/report';
import {
  bestThreshold,
  countsOf,
  curvePoint,
  galleryOf,
  operatingPoint,
  outcomesOf,
} from '../../../../src-renderer/features/evaluate/operating-point';

const box = (x1: number, x2: number) => ({ x1, y1: 0, x2, y2: 10 });
const detection = (score: number, verdict: Verdict, x1: number, x2: number, classIndex = 0) => ({
  classIndex,
  score,
  verdict,
  box: box(x1, x2),
});
const truth = (x1: number, x2: number, difficult = false, classIndex = 0) => ({
  classIndex,
  box: box(x1, x2),
  difficult,
  found: false,
});

const picture: EvaluatedImage = {
  imageId: 1,
  detections: [
    detection(0.9, 'true positive', 0, 10),
    detection(0.6, 'false positive', 1, 11),
    detection(0.4, 'true positive', 20, 30),
    detection(0.3, 'ignored', 40, 50),
  ],
  groundTruths: [truth(0, 10), truth(20, 30), truth(40, 50, true)],
};

describe('an operating point', () => {
  it('counts at the threshold', () => {
    expect(countsOf(picture, 0.5)).toEqual({ truePositives: 1, falsePositives: 1, missed: 1 });
    expect(operatingPoint([picture], 0.5)).toMatchObject({ precision: 0.5, recall: 0.5 });
    expect(operatingPoint([picture], 0.35)).toMatchObject({ precision: 2 / 3, recall: 1 });
  });

  it('includes a score that equals the threshold', () => {
    expect(countsOf(picture, 0.9).truePositives).toBe(1);
  });

  it('has no precision without detections and no recall without truths', () => {
    expect(operatingPoint([picture], 0.95)).toMatchObject({ precision: null, recall: 0 });
    expect(operatingPoint([{ ...picture, groundTruths: [], detections: [] }], 0.1).recall).toBeNull();
  });

  it('is narrowed to one class', () => {
    expect(operatingPoint([picture], 0.1, 1)).toMatchObject({ truePositives: 0, falsePositives: 0, missed: 0 });
  });
});

describe('the outcomes of a picture', () => {
  it('say which truths are found, missed and ignored at the threshold', () => {
    const truths = (threshold: number) =>
      outcomesOf(picture, threshold)
        .filter((each) => each.kind === 'truth')
        .map((each) => each.outcome);
    expect(truths(0.5)).toEqual(['found', 'missed', 'ignored']);
    expect(truths(0.35)).toEqual(['found', 'found', 'ignored']);
  });

  it("take the object that the report names, which in COCO's need not be the nearest", () => {
    const named = { ...detection(0.8, 'true positive', 0, 10), object: 1 };
    const image = { ...picture, detections: [named], groundTruths: [truth(0, 10), truth(2, 12)] };
    expect(outcomesOf(image, 0.5).map((each) => each.outcome)).toEqual(['missed', 'found', 'true positive']);
  });

  it('agree with the counts at every threshold', () => {
    for (let threshold = 0.05; threshold < 1; threshold += 0.05) {
      const outcomes = outcomesOf(picture, threshold);
      const count = (outcome: string) => outcomes.filter((each) => each.outcome === outcome).length;
      const counts = countsOf(picture, threshold);
      expect([count('true positive'), count('false positive'), count('missed')]).toEqual([
        counts.truePositives,
        counts.falsePositives,
        counts.missed,
      ]);
    }
  });

  it('draw truths under detections', () => {
    const kinds = outcomesOf(picture, 0.1).map((each) => each.kind);
    expect(kinds.lastIndexOf('truth')).toBeLessThan(kinds.indexOf('detection'));
  });
});

describe('the gallery', () => {
  const clean: EvaluatedImage = { imageId: 2, detections: [], groundTruths: [] };
  const missing: EvaluatedImage = {
    imageId: 3,
    detections: [],
    groundTruths: [truth(0, 10), truth(20, 30), truth(40, 50)],
  };
  const report = { images: [clean, picture, missing] } as unknown as EvaluationReport;
  const ids = (...args: [number, 'errors' | 'pictures', 'all' | 'false positive' | 'missed']) =>
    galleryOf(report, ...args).map((entry) => entry.image.imageId);

  it('puts the pictures with the most errors first', () => {
    expect(ids(0.5, 'errors', 'all')).toEqual([3, 1, 2]);
    expect(ids(0.5, 'pictures', 'all')).toEqual([2, 1, 3]);
  });

  it('can be narrowed to one kind of error', () => {
    expect(ids(0.5, 'errors', 'false positive')).toEqual([1]);
    expect(ids(0.35, 'errors', 'missed')).toEqual([3]);
  });
});

describe('the threshold to start with', () => {
  it('has the highest F1', () => {
    const best = bestThreshold([picture]);
    expect(best).toBeGreaterThan(0.3);
    expect(best).toBeLessThanOrEqual(0.4);
  });

  it('finds its point on a curve', () => {
    const curve = [{ score: 0.9 }, { score: 0.5 }, { score: 0.2 }];
    expect(curvePoint(curve, 0.4)).toEqual({ score: 0.5 });
    expect(curvePoint(curve, 0.95)).toBeNull();
  });
});
