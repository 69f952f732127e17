import { describe, expect, it } from 'vitest';
import type { DatasetSummary } from '@core/contract/images';
import { readiness } from '../../../../src-renderer/features/train/readiness';

const summary = (change: Partial<DatasetSummary> = {}): DatasetSummary => ({
  images: 20,
  objects: 50,
  labelledImages: 20,
  problems: 0,
  splits: { train: 15, val: 5, test: 0, none: 0 },
  classes: [{ classId: 1, objects: 50, images: 20 }],
  sizes: [],
  objectScale: null,
  ...change,
});
const titles = (...args: Parameters<typeof readiness>) => readiness(...args).map((note) => note.title);

describe('readiness to train', () => {
  it('is complete with labelled train pictures and a val split', () => {
    expect(readiness(summary(), 15, 8)).toEqual([]);
  });

  it.each([
    [{ images: 0, labelledImages: 0 }, 'No pictures yet'],
    [{ labelledImages: 0 }, 'No labelled pictures'],
    [{ splits: { train: 0, val: 0, test: 0, none: 20 } }, 'No picture is in the train split'],
  ])('is blocked by %o', (change, title) => {
    const [note] = readiness(summary(change), 15, 8);
    expect(note).toMatchObject({ severity: 'blocks', title });
  });

  it('is blocked when the labels are all in other splits', () => {
    expect(readiness(summary(), 0, 8)[0].severity).toBe('blocks');
  });

  it('warns of a small data set, a missing val split and empty classes, and blocks nothing', () => {
    const change = {
      splits: { train: 15, val: 0, test: 0, none: 0 },
      classes: [{ classId: 1, objects: 0, images: 0 }],
    };
    expect(titles(summary(change), 5, 8)).toEqual([
      '5 labelled pictures, fewer than a batch of 8',
      'No val split',
      '1 class has no objects',
    ]);
    expect(readiness(summary(change), 5, 8).every((note) => note.severity === 'warns')).toBe(true);
  });
});
