import { describe, expect, it } from 'vitest';
import { fromVoc } from '@core/formats/annotated';
import {
  devkitClass,
  parseDetectionLines,
  parseDevkitLines,
  parseGroundTruthLines,
  type LabelledBox,
} from '@core/formats/evaluation-text';
import { FormatError } from '@core/formats/format-error';
import { groundTruthOf } from '@core/formats/picture-boxes';
import { detectionsByClass, detectionsByPicture, fromLines } from '@core/formats/text-boxes';

describe('lines', () => {
  it('hold a class, which may have spaces, and numbers; blank ones are passed over', () => {
    expect(parseGroundTruthLines('traffic light 1 2 3 4\r\n\n nut 5 6 7 8.5 \n', 'xywh')).toEqual([
      { name: 'traffic light', score: 1, numbers: [1, 2, 3, 4] },
      { name: 'nut', score: 1, numbers: [5, 6, 7, 8.5] },
    ]);
    expect(parseDetectionLines('nut .88 5 67 31 48', 'xywh')).toEqual([
      { name: 'nut', score: 0.88, numbers: [5, 67, 31, 48] },
    ]);
    expect(parseDetectionLines('nut .5 .5 .1 .1 .88', 'relative', 'end')).toEqual([
      { name: 'nut', score: 0.88, numbers: [0.5, 0.5, 0.1, 0.1] },
    ]);
    expect(parseDevkitLines('000004 0.7 89 112 516 466')).toEqual([
      { name: '000004', score: 0.7, numbers: [89, 112, 516, 466] },
    ]);
  });

  it.each(['nut 1 2 3', 'nut 1 2 3 x', '1 2 3 4', 'nut 1 2 3 NaN', 'nut 1 2 3 Infinity'])(
    'refuse "%s" by number',
    (line) => {
      expect(() => parseGroundTruthLines(`nut 1 2 3 4\n${line}`, 'xywh')).toThrow(FormatError);
      expect(() => parseGroundTruthLines(`nut 1 2 3 4\n${line}`, 'xywh')).toThrow('line 2 is not');
    },
  );
});

it('the class of a devkit file is what follows the set', () => {
  expect(devkitClass('comp4_det_test_person.txt')).toBe('person');
  expect(devkitClass('comp4_8c2f_det_test_traffic_light.txt')).toBe('traffic_light');
  expect(devkitClass('00001.txt')).toBeNull();
});

describe('a data set of text files', () => {
  const box = { score: 1, numbers: [1, 2, 3, 4] } as const;
  const reading = { layout: 'xywh', names: [], sizes: new Map() } as const;
  const lines = (name: string, ...content: LabelledBox[]) => fromLines({ name, content }, reading);

  it('has pictures and classes in order of their names', () => {
    const truth = groundTruthOf([
      lines('b', { name: 'nut', ...box }),
      lines('a', { name: 'bolt', ...box }),
      lines('c'),
    ]);
    expect([truth.imageCount, truth.classNames]).toEqual([3, ['bolt', 'nut']]);
    expect([...truth.groundTruths.image]).toEqual([1, 0]);
    const content = [
      { name: 'nut', ...box },
      { name: 'gear', ...box },
    ];
    const found = detectionsByPicture([{ name: 'c', content }], truth, reading);
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
    const truth = groundTruthOf([fromVoc('000004', { fileName: null, size: null, objects: [object], skipped: [] })]);
    expect([...truth.groundTruths.boxes, ...truth.groundTruths.difficult]).toEqual([1, 2, 10, 20, 1]);
    const content = [
      { name: '000004', ...box },
      { name: '000005', ...box },
    ];
    const found = detectionsByClass([{ name: 'nut', content }], truth);
    expect([...found.detections.boxes]).toEqual([1, 2, 2, 2]);
    expect(found.notes).toEqual(['1 detections were left out: the ground truth has no pictures 000005.']);
  });

  it('reads classes by number from a list of names, corners, and fractions of a picture', () => {
    const truth = groundTruthOf([lines('a', { name: 'nut', ...box })]);
    const content = [{ name: '1', score: 1, numbers: [0.5, 0.5, 0.2, 0.4] as const }];
    const relative = {
      layout: 'relative',
      names: ['bolt', 'nut'],
      sizes: new Map([['a', { width: 100, height: 50 }]]),
    } as const;
    const found = detectionsByPicture([{ name: 'a', content }], truth, relative);
    expect([...found.detections.boxes]).toEqual([40, 15, 20, 20]);
    const corners = detectionsByPicture([{ name: 'a', content: [{ name: 'nut', ...box }] }], truth, {
      ...reading,
      layout: 'xyxy',
    });
    expect([...corners.detections.boxes]).toEqual([1, 2, 2, 2]);
    const unsized = { ...relative, sizes: new Map() };
    expect(() => detectionsByPicture([{ name: 'a', content }], truth, unsized)).toThrow('size is not known');
    const numbered = detectionsByPicture([{ name: 'a', content }], truth, { ...relative, names: [] });
    expect(numbered.notes[1]).toContain('--names');
  });
});
