import { describe, expect, it } from 'vitest';
import { iou } from '@core/geometry/overlap';
import {
  BOXES,
  boxesOfCell,
  boxOf,
  cellUnder,
  cellWith,
  describe as sizeOf,
  keptOf,
  MAPS,
  matchesOf,
  minedOf,
  moved,
  offsetsOf,
  resized,
  sizesOf,
} from '../../../src-renderer/features/help/lesson';
import { GLOSSARY, HELP_SECTIONS } from '../../../src-renderer/features/help/sections';

const rounded = (sizes: readonly { readonly min: number }[]) => sizes.map(({ min }) => Math.round(min));

describe('the help page', () => {
  it('shows the very boxes of SSD300: 8,732 on maps of 38 to 1 cells', () => {
    expect(BOXES.total).toBe(8732);
    expect(MAPS.map(({ width }) => width)).toEqual([38, 19, 10, 5, 3, 1]);
    expect(boxesOfCell(0, { column: 0, row: 0 }).map(sizeOf)).toEqual(['30 × 30', '42 × 42', '42 × 21', '21 × 42']);
    expect(cellUnder(2, 299, 31)).toEqual({ column: 9, row: 0 });
  });

  it('spreads sizes as the paper and as Caffe do', () => {
    [30, 60, 112.5, 165, 217.5, 270].forEach((size, k) =>
      expect(sizesOf('paper', 0.2, 0.9)[k].min).toBeCloseTo(size, 9),
    );
    expect(rounded(sizesOf('caffe', 0.2, 0.9))).toEqual([30, 60, 111, 162, 213, 264]);
  });

  it('adds a wide and a high box for each ratio, and the extra box', () => {
    expect(cellWith(2, [], false)).toHaveLength(1);
    expect(cellWith(2, [2], true).map(sizeOf)).toEqual(['111 × 111', '134 × 134', '157 × 78', '78 × 157']);
    expect(cellWith(2, [2, 3], true)).toHaveLength(6);
  });

  it('gives an object all default boxes from the threshold on, or the best one alone', () => {
    const [first] = boxesOfCell(2, { column: 4, row: 4 });
    const matches = matchesOf(first, 0.5);
    expect(Math.max(...matches.map((match) => match.iou))).toBeCloseTo(1, 6);
    expect(matchesOf(first, 0.7).length).toBeLessThan(matches.length);
    expect(matchesOf({ x1: 10, y1: 10, x2: 20, y2: 20 }, 0.5)).toMatchObject([{ forced: true }]);
  });

  it('counts the hardest negatives, so many for each positive', () => {
    const scores = [0.1, 0.9, 0.3, 0.8, 0.2];
    expect(minedOf(scores, 1, 3)).toEqual([false, true, true, true, false]);
    expect(minedOf(scores, 0, 3)).toEqual(scores.map(() => false));
    expect(minedOf(scores, 6, 3)).toEqual(scores.map(() => true));
  });

  it('answers offsets that lead back to the box, and none where the default box fits', () => {
    const [prior] = boxesOfCell(2, { column: 4, row: 4 });
    const box = { x1: 70, y1: 90, x2: 200, y2: 160 };
    const variances = [0.1, 0.2] as const;
    expect(iou(boxOf(offsetsOf(box, prior, variances), prior, variances), box)).toBeCloseTo(1, 9);
    for (const offset of offsetsOf(prior, prior, variances)) expect(offset).toBeCloseTo(0, 9);
    expect(offsetsOf(box, prior, [0.1, 0.4])[2]).toBeCloseTo(offsetsOf(box, prior, variances)[2] / 2, 9);
  });

  it('keeps of overlapping detections the best', () => {
    const [a, b] = [
      { x1: 0, y1: 0, x2: 100, y2: 100 },
      { x1: 20, y1: 0, x2: 120, y2: 100 },
    ];
    expect(keptOf([a, b], [0.6, 0.9], 0.45)).toEqual([false, true]);
    expect(keptOf([a, b], [0.6, 0.9], 0.7)).toEqual([true, true]);
  });

  it('keeps dragged boxes inside and never without area', () => {
    const box = { x1: 10, y1: 10, x2: 60, y2: 40 };
    expect(moved(box, -50, 400)).toEqual({ x1: 0, y1: 270, x2: 50, y2: 300 });
    expect(resized(box, -200, 999)).toEqual({ x1: 10, y1: 10, x2: 18, y2: 300 });
  });

  it('has chapters and words once', () => {
    for (const names of [HELP_SECTIONS.map(({ id }): string => id), GLOSSARY.map(([word]) => word)])
      expect(new Set(names).size).toBe(names.length);
    const words = GLOSSARY.map(([word]) => word);
    expect([...words].sort((a, b) => a.localeCompare(b))).toEqual(words);
  });
});
