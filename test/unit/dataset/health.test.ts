import { describe, expect, it } from 'vitest';
import { checkDataset } from '@core/dataset/health';
import type { LabelledObject, ProjectImage } from '@core/dataset/model';

const classes = [{ id: 7, name: 'cell', order: 0 }];
const box = { x1: 10, y1: 10, x2: 60, y2: 60 };
const object = (change: Partial<LabelledObject> = {}): LabelledObject => ({
  id: 'x',
  classId: 7,
  box,
  difficult: false,
  truncated: false,
  crowd: false,
  ...change,
});
const image = (id: number, change: Partial<ProjectImage> = {}): ProjectImage => ({
  id,
  fileName: `${id}.jpg`,
  width: 640,
  height: 480,
  split: 'train',
  problem: null,
  objects: [object()],
  ...change,
});
const healthy = [
  ...Array.from({ length: 20 }, (_, k) => image(k + 1)),
  ...[21, 22].map((id) => image(id, { split: 'val' })),
];
const messages = (images: readonly ProjectImage[]) => checkDataset(images, classes).map((finding) => finding.message);

describe('checking a data set', () => {
  it('finds nothing in a healthy one', () => {
    expect(checkDataset(healthy, classes)).toEqual([]);
  });

  it.each([
    ['a picture that cannot be used', { problem: 'The file is missing' }, /99\.jpg: The file is missing/],
    ['a picture in a split without objects', { objects: [] }, /background only/],
    ['a box outside', { objects: [object({ box: { ...box, x2: 641 } })] }, /out of the picture/],
    ['a tiny box', { objects: [object({ box: { ...box, y2: 14 } })] }, /below 1 %/],
    ['an object labelled twice', { objects: [object(), object({ box: { ...box, x2: 60.5 } })] }, /labelled twice/],
  ] as const)('finds %s, and names the picture', (_, change, message) => {
    const findings = checkDataset([...healthy, image(99, change)], classes);
    expect(findings).toHaveLength(1);
    expect(findings[0].message).toMatch(message);
    expect(findings[0].imageIds).toEqual([99]);
  });

  it('finds splits and classes that cannot be learned or measured', () => {
    expect(messages([])).toEqual(['There are no pictures.']);
    expect(messages(healthy.filter((i) => i.split === 'val'))).toEqual(['No picture is in train.']);
    expect(messages(healthy.filter((i) => i.split === 'train'))[0]).toMatch(/No picture is in val/);
    expect(messages(healthy.slice(1))).toEqual(['cell has only 19 objects in train.']);
  });

  it('does not mind two overlapping objects of different classes, nor unlabelled pictures in no split', () => {
    const twoClasses = image(99, { objects: [object(), object({ classId: 8 })] });
    expect(messages([...healthy, twoClasses, image(100, { split: null, objects: [] })])).toEqual([]);
  });
});
