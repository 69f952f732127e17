import { describe, expect, it } from 'vitest';
import {
  detectionsByClass,
  detectionsByPicture,
  devkitClass,
  groundTruthFromLines,
  groundTruthFromVoc,
  parseDetectionLines,
  parseDevkitLines,
  parseGroundTruthLines,
} from '@core/formats/evaluation-text';
import { FormatError } from '@core/formats/format-error';

describe('lines', () => {
  it('hold a class, which may have spaces, and numbers; blank ones are passed over', () => {
    expect(parseGroundTruthLines('traffic light 1 2 3 4\r\n\n nut 5 6 7 8.5 \n')).toEqual([
      { name: 'traffic light', score: 1, bounds: [1, 2, 3, 4] },
      { name: 'nut', score: 1, bounds: [5, 6, 7, 8.5] },
    ]);
    expect(parseDetectionLines('nut .88 5 67 31 48')).toEqual([{ name: 'nut', score: 0.88, bounds: [5, 67, 31, 48] }]);
    expect(parseDevkitLines('000004 0.7 89 112 516 466')).toEqual([
      { name: '000004', score: 0.7, bounds: [89, 112, 427, 354] },
    ]);
  });

  it.each(['nut 1 2 3', 'nut 1 2 3 x', '1 2 3 4', 'nut 1 2 3 NaN', 'nut 1 2 3 Infinity'])(
    'refuse "%s" by number',
    (line) => {
      expect(() => parseGroundTruthLines(`nut 1 2 3 4\n${line}`)).toThrow(FormatError);
      expect(() => parseGroundTruthLines(`nut 1 2 3 4\n${line}`)).toThrow('line 2 is not');
    },
  );
});

it('the class of a devkit file is what follows the set', () => {
  expect(devkitClass('comp4_det_test_person.txt')).toBe('person');
  expect(devkitClass('comp4_8c2f_det_test_traffic_light.txt')).toBe('traffic_light');
  expect(devkitClass('00001.txt')).toBeNull();
});

describe('a data set of text files', () => {
  const box = { score: 1, bounds: [1, 2, 3, 4] } as const;

  it('has pictures and classes in order of their names, and those that only have detections', () => {
    const truth = groundTruthFromLines(
      [
        { name: 'b', content: [{ name: 'nut', ...box }] },
        { name: 'a', content: [{ name: 'bolt', ...box }] },
      ],
      ['b', 'c'],
    );
    expect([truth.imageCount, truth.classNames]).toEqual([3, ['bolt', 'nut']]);
    expect([...truth.groundTruths.image]).toEqual([1, 0]);
    expect(truth.notes).toEqual(['1 pictures have detections but no ground truth: they hold no object.']);
    const found = detectionsByPicture(
      [
        {
          name: 'c',
          content: [
            { name: 'nut', ...box },
            { name: 'gear', ...box },
          ],
        },
      ],
      truth,
    );
    expect([...found.detections.image]).toEqual([2]);
    expect(found.notes).toEqual(['1 detections were left out: the ground truth has no categories gear.']);
  });

  it('keeps difficult objects of VOC, and finds pictures of per-class files by name', () => {
    const object = {
      position: 1,
      className: 'nut',
      box: { x1: 1, y1: 2, x2: 11, y2: 22 },
      difficult: true,
      truncated: false,
    };
    const content = { fileName: null, size: null, objects: [object], skipped: [] };
    const truth = groundTruthFromVoc([{ name: '000004', content }]);
    expect([...truth.groundTruths.boxes, ...truth.groundTruths.difficult]).toEqual([1, 2, 10, 20, 1]);
    const found = detectionsByClass(
      [
        {
          name: 'nut',
          content: [
            { name: '000004', ...box },
            { name: '000005', ...box },
          ],
        },
      ],
      truth,
    );
    expect(found.detections.score).toHaveLength(1);
    expect(found.notes).toEqual(['1 detections were left out: the ground truth has no pictures 000005.']);
  });
});
