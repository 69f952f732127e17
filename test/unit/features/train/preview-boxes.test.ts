import { describe, expect, it } from 'vitest';
import type { Detection } from '@core/evaluation/report';
import type { GroundTruth } from '@core/evaluation/pictures';
import { countsInWords, previewBoxes, previewCounts } from '../../../../src-renderer/features/train/preview-boxes';

const at = (x: number) => ({ x1: x, y1: 0, x2: x + 10, y2: 10 });
const truth = (x: number, classIndex = 0, difficult = false): GroundTruth => ({ classIndex, box: at(x), difficult });
const detection = (x: number, score: number, classIndex = 0): Detection => ({ classIndex, score, box: at(x) });
const counts = (groundTruths: GroundTruth[], detections: Detection[], threshold = 0.5) =>
  previewCounts({ groundTruths }, detections, threshold);

describe('a preview picture', () => {
  it('counts what is found, once, and what is wrong', () => {
    const found = counts([truth(0), truth(50)], [detection(1, 0.9), detection(0, 0.8), detection(80, 0.7)]);
    expect(found).toEqual({ objects: 2, found: 1, wrong: 2 });
    expect(countsInWords(found)).toBe('1 of 2 found, 2 wrong');
  });

  it('wants the right class, and the confidence asked for', () => {
    expect(counts([truth(0, 1)], [detection(0, 0.9)])).toEqual({ objects: 1, found: 0, wrong: 1 });
    expect(counts([truth(0)], [detection(0, 0.3)])).toEqual({ objects: 1, found: 0, wrong: 0 });
    expect(counts([truth(0)], [detection(0, 0.3)], 0.3).found).toBe(1);
  });

  it('lets difficult objects count neither way', () => {
    expect(counts([truth(0, 0, true)], [detection(0, 0.9)])).toEqual({ objects: 0, found: 0, wrong: 0 });
    expect(counts([], [])).toEqual({ objects: 0, found: 0, wrong: 0 });
  });

  it('draws objects dashed, detections with their class and score', () => {
    const boxes = previewBoxes({ groundTruths: [truth(0)] }, [detection(0, 0.876), detection(5, 0.2)], 0.5, ['cell']);
    expect(boxes.map(({ dashed, label }) => [dashed ?? false, label])).toEqual([
      [true, undefined],
      [false, 'cell 0.88'],
    ]);
  });
});
