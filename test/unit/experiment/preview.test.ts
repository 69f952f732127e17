import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  choosePreviewPictures,
  readPreviewLine,
  writePreviewPictures,
  writePreviewRecord,
  type PreviewPicture,
} from '@core/experiment/preview';

const picture = (imageId: number, ...classes: number[]): PreviewPicture => ({
  imageId,
  width: 100,
  height: 80,
  groundTruths: classes.map((classIndex) => ({
    classIndex,
    box: { x1: 1, y1: 2, x2: 30.5, y2: 40 },
    difficult: false,
  })),
});

describe('the pictures of the previews', () => {
  it('show every class while there is room, however rare it is', () => {
    const common = Array.from({ length: 200 }, (_, at) => picture(at, 0));
    const chosen = choosePreviewPictures([...common, picture(900, 1), picture(901, 0, 2)]);
    expect(chosen).toHaveLength(8);
    expect(new Set(chosen.flatMap(({ groundTruths }) => groundTruths.map((each) => each.classIndex)))).toEqual(
      new Set([0, 1, 2]),
    );
  });

  it('come from all over the list', () => {
    const ids = choosePreviewPictures(Array.from({ length: 80 }, (_, at) => picture(at, 0))).map(
      (each) => each.imageId,
    );
    expect(Math.min(...ids)).toBeLessThan(15);
    expect(Math.max(...ids)).toBeGreaterThan(65);
  });

  it('are the same for the same list, each once, in its order, those with objects first', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), { maxLength: 40 }), (lists) => {
        const all = lists.map((classes, at) => picture(at, ...classes));
        const chosen = choosePreviewPictures(all);
        const ids = chosen.map(({ imageId }) => imageId);
        expect(choosePreviewPictures(all)).toEqual(chosen);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        expect(chosen).toHaveLength(Math.min(8, all.length));
        const labelled = all.filter(({ groundTruths }) => groundTruths.length > 0).length;
        expect(chosen.filter(({ groundTruths }) => groundTruths.length > 0)).toHaveLength(Math.min(8, labelled));
      }),
    );
  });
});

describe('a line of the previews', () => {
  it('is read as it was written, to a tenth of a pixel', () => {
    const pictures = [picture(3, 0, 1), picture(9)];
    expect(readPreviewLine(writePreviewPictures(pictures))).toEqual(pictures);
    const box = { x1: 1.04, y1: 2, x2: 3.16, y2: 4 };
    const line = writePreviewRecord({
      step: 20,
      detections: [[{ classIndex: 1, score: 0.123456, box, prior: 7 }], []],
    });
    expect(readPreviewLine(line)).toEqual({
      step: 20,
      detections: [[{ classIndex: 1, score: 0.1235, box: { x1: 1, y1: 2, x2: 3.2, y2: 4 } }], []],
    });
  });

  it('keeps the best detections, and none that is noise', () => {
    const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
    const many = Array.from({ length: 500 }, (_, k) => ({ classIndex: 0, score: k / 500, box }));
    const read = readPreviewLine(writePreviewRecord({ step: 1, detections: [many] }));
    const [kept] = read !== null && 'step' in read ? read.detections : [];
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept[0].score).toBe(0.998);
    const noise = readPreviewLine(writePreviewRecord({ step: 1, detections: [[{ classIndex: 0, score: 0.04, box }]] }));
    expect(noise).toEqual({ step: 1, detections: [[]] });
  });

  it('is refused when it is none of ours', () => {
    for (const line of [
      '',
      'null',
      '[]',
      '{"step":1,"detec',
      '{"step":-1,"detections":[]}',
      '{"step":1,"detections":[[[0]]]}',
    ])
      expect(readPreviewLine(line), line).toBeNull();
  });
});
