import { describe, expect, it } from 'vitest';
import { COCO_CLASSES, COCO_CLASSES_WITH_GAPS, publishedClassNames, VOC_CLASSES } from '@core/weights/class-names';

describe('class names of published files', () => {
  it('are 20 of VOC, 80 of COCO, 90 of COCO with its ten unused ids', () => {
    expect([VOC_CLASSES.length, COCO_CLASSES.length, COCO_CLASSES_WITH_GAPS.length]).toEqual([20, 80, 90]);
    expect(new Set(COCO_CLASSES_WITH_GAPS).size).toBe(90);
    const unused = COCO_CLASSES_WITH_GAPS.filter((name) => name.startsWith('unused'));
    expect(unused).toEqual([12, 26, 29, 30, 45, 66, 68, 69, 71, 83].map((id) => `unused ${id}`));
  });

  it("stand at COCO's own ids", () => {
    const at = (id: number) => COCO_CLASSES_WITH_GAPS[id - 1];
    expect([1, 13, 27, 44, 62, 72, 90].map(at)).toEqual([
      'person',
      'stop sign',
      'backpack',
      'bottle',
      'chair',
      'tv',
      'toothbrush',
    ]);
  });

  it('are chosen by the number of classes with background, and a face only for the face detectors', () => {
    expect(publishedClassNames('amdegroot', 21)[14]).toBe('person');
    expect(publishedClassNames('rfbnet', 81)[79]).toBe('toothbrush');
    expect(publishedClassNames('torchvision', 91)[11]).toBe('unused 12');
    expect(publishedClassNames('ultralight', 2)).toEqual(['face']);
    expect(publishedClassNames('amdegroot', 2)).toEqual(['class 1']);
    expect(publishedClassNames('lufficc', 4)).toEqual(['class 1', 'class 2', 'class 3']);
  });
});
