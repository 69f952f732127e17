import { describe, expect, it } from 'vitest';
import { groupOf } from '@core/priors/coverage-report';
import { iouBins, matchedShare } from '../../../../src-renderer/features/priors/fit-summary';
import { Latest } from '../../../../src-renderer/features/priors/latest';

describe('the histogram of best IoUs', () => {
  const binsOf = (ious: readonly number[]) => iouBins(groupOf(ious, 0.5));

  it('puts every object into one bin of equal width, 1 into the last', () => {
    const bins = binsOf([0, 0.04, 0.05, 0.49, 0.5, 0.999, 1]);
    expect(bins).toHaveLength(20);
    expect(bins.map((count, bin) => [bin, count]).filter(([, count]) => count > 0)).toEqual([
      [0, 2],
      [1, 1],
      [9, 1],
      [10, 1],
      [19, 2],
    ]);
  });

  it('is empty bins without objects', () => {
    expect(new Set(binsOf([]))).toEqual(new Set([0]));
    expect(matchedShare(groupOf([], 0.5))).toBe(0);
  });
});

describe('the latest question', () => {
  it('overtakes those that wait, and what was asked is answered in order: a slider that never rests sees its movement', async () => {
    const release: ((answer: string) => void)[] = [];
    const asked: number[] = [];
    const latest = new Latest<number, string>((question) => {
      asked.push(question);
      return new Promise((resolve) => release.push(resolve));
    });
    const answers: string[] = [];
    const note = (answer: string, overtaken: boolean) => answers.push(overtaken ? `${answer}, overtaken` : answer);
    for (const question of [1, 2, 3, 4]) latest.put(question, note);
    expect(asked).toEqual([1]);
    release[0]('one');
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked).toEqual([1, 4]);
    release[1]('four');
    await new Promise((resolve) => setTimeout(resolve));
    expect(answers).toEqual(['one, overtaken', 'four']);
    latest.put(5, note);
    release[2]('five');
    await new Promise((resolve) => setTimeout(resolve));
    expect(answers).toEqual(['one, overtaken', 'four', 'five']);
  });
});
