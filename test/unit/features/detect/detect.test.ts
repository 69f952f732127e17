import { describe, expect, it } from 'vitest';
import { batches, refusal } from '../../../../src-renderer/features/detect/pictures';
import {
  asSentence,
  atThreshold,
  classCounts,
  medianMilliseconds,
} from '../../../../src-renderer/features/detect/results';

const picture = (size: number) => ({ file: { size } });
const detection = (classIndex: number, score: number) => ({ classIndex, score, box: { x1: 0, y1: 0, x2: 1, y2: 1 } });

describe('pictures for the detector', () => {
  it('go in batches of at most 64 pictures and 64 MB, in order, none lost', () => {
    const pictures = Array.from({ length: 150 }, (_, index) => picture(index * 20_000));
    const all = batches(pictures);
    expect(all.flat()).toEqual(pictures);
    for (const batch of all) {
      expect(batch.length).toBeLessThanOrEqual(64);
      expect(batch.reduce((sum, each) => sum + each.file.size, 0)).toBeLessThanOrEqual(64_000_000);
    }
  });

  it('send a large picture alone', () => {
    expect(batches([picture(1), picture(90_000_000), picture(1)]).map((batch) => batch.length)).toEqual([1, 1, 1]);
    expect(batches([])).toEqual([]);
  });

  it('are refused when empty or too large, with the reason', () => {
    expect(refusal({ name: 'a.jpg', size: 0 })).toContain('empty');
    expect(refusal({ name: 'a.jpg', size: 250_000_000 })).toContain('250 MB');
    expect(refusal({ name: 'a.jpg', size: 5 })).toBeNull();
  });
});

describe('detections at a threshold', () => {
  const images = [
    { detections: [detection(0, 0.9), detection(1, 0.4)], milliseconds: 30, problem: null },
    { detections: [detection(1, 0.8)], milliseconds: 10, problem: null },
    { detections: [], milliseconds: 0, problem: 'not a picture' },
  ];

  it('are those at or above it', () => {
    expect(atThreshold(images[0].detections, 0.9)).toHaveLength(1);
    expect(classCounts(images, 0.5, 3)).toEqual([1, 1, 0]);
    expect(classCounts(images, 0.4, 3)).toEqual([1, 2, 0]);
  });

  it('give the median time of the pictures that could be read', () => {
    expect(medianMilliseconds(images)).toBe(20);
    expect(medianMilliseconds([])).toBeNull();
  });
});

describe('a reason', () => {
  it('is written as a sentence', () => {
    expect(asSentence('the picture is truncated')).toBe('The picture is truncated.');
    expect(asSentence('It is gone.')).toBe('It is gone.');
  });
});
