import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateCocoReport } from '@core/evaluation/coco-report';
import { evaluationImages } from '@core/evaluation/picture-tables';
import type { GroundTruth } from '@core/evaluation/pictures';
import type { ClassResult } from '@core/evaluation/report';
import { hardTables } from '../../support/evaluation-tables';

const box = (x: number, y: number, size = 100) => ({ x1: x, y1: y, x2: x + size, y2: y + size });
const truth = (x: number, y: number, flags: Partial<GroundTruth> = {}): GroundTruth => ({
  classIndex: 0,
  box: box(x, y),
  difficult: false,
  ...flags,
});
const found = (x: number, y: number, score: number) => ({ classIndex: 0, score, box: box(x, y) });

function evaluate(groundTruths: readonly GroundTruth[], detections: readonly ReturnType<typeof found>[]) {
  const report = evaluateCocoReport(['nut'], [{ imageId: 7, groundTruths, detections }]);
  const [{ detections: judged, groundTruths: objects }] = report.images;
  return { report, verdicts: judged.map(({ verdict, object }) => [verdict, object]), objects };
}

/** COCO's 101-point average precision, read off a curve of every detection. */
function sampled({ curve }: ClassResult): number {
  const recalls = Array.from({ length: 101 }, (_, r) => r * 0.01);
  const best = (recall: number): number =>
    Math.max(0, ...curve.filter((point) => point.recall >= recall).map(({ precision }) => precision));
  return recalls.reduce((sum, recall) => sum + best(recall), 0) / recalls.length;
}

describe('verdicts at an IoU of 0.5', () => {
  it('a detection whose nearest object is taken gets the next one, unlike VOC', () => {
    const { verdicts } = evaluate([truth(0, 0), truth(20, 0)], [found(0, 0, 0.9), found(5, 0, 0.8)]);
    expect(verdicts).toEqual([
      ['true positive', 0],
      ['true positive', 1],
    ]);
  });

  it('a crowd takes any number of detections that nothing else takes, by the share of the detection that it covers', () => {
    const { verdicts, objects, report } = evaluate(
      [truth(0, 0, { crowd: true, box: box(0, 0, 400) }), truth(0, 0)],
      [found(0, 0, 0.9), found(10, 10, 0.8), found(200, 200, 0.7), found(390, 390, 0.6)],
    );
    expect(verdicts).toEqual([
      ['true positive', 1],
      ['ignored', undefined],
      ['ignored', undefined],
      ['false positive', undefined],
    ]);
    expect(objects.map(({ difficult }) => difficult)).toEqual([true, false]);
    expect(report.classes[0].groundTruths).toBe(1);
  });

  it('difficult objects are to be found, since pycocotools knows crowds alone', () => {
    const { report, objects } = evaluate([truth(0, 0, { difficult: true }), truth(300, 0)], [found(0, 0, 0.9)]);
    expect(report.classes[0]).toMatchObject({ groundTruths: 2, coco: { AR100: 0.5 } });
    expect(objects[0]).toMatchObject({ difficult: false, found: true });
  });

  it('of a picture and class no more than a hundred detections count', () => {
    const detections = Array.from({ length: 101 }, (_, i) => found(300, 300, 1 - i / 200));
    const { verdicts } = evaluate([truth(0, 0)], detections);
    expect(verdicts.filter(([verdict]) => verdict === 'false positive')).toHaveLength(100);
    expect(verdicts.at(-1)).toEqual(['ignored', undefined]);
  });
});

describe('the numbers of a report', () => {
  it("curves give the same AP50 as pycocotools' way of counting, on boxes full of ties and crowds", () => {
    fc.assert(
      fc.property(hardTables(), (tables) => {
        const report = evaluateCocoReport(tables.classNames, evaluationImages(tables));
        for (const own of report.classes) {
          if (own.averagePrecision === null) expect(own.coco?.AP50).toBe(-1);
          else expect(sampled(own)).toBeCloseTo(own.coco?.AP50 ?? NaN, 9);
        }
      }),
    );
  });

  it('say that there is nothing to find with null, not with a minus one', () => {
    const { report } = evaluate([], [found(0, 0, 0.5)]);
    expect([report.meanAveragePrecision, report.classes[0].averagePrecision, report.coco?.AP]).toEqual([
      null,
      null,
      -1,
    ]);
  });
});
