import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { analyseCoverage } from '@core/priors/coverage';
import { sourceGrids } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { summarise } from '../../../../src-renderer/features/priors/fit-summary';
import { Latest } from '../../../../src-renderer/features/priors/latest';
import { withExtraBox, withSizesOf } from '../../../../src-renderer/features/priors/edits';

const network = defaultChoice('ssd300');
const maps = [38, 19, 10, 5, 3, 1].map((size) => ({ width: size, height: size }));

describe('the fit of default boxes', () => {
  /** One object that a default box of 60 pixels fits, one much too thin for any, of two classes in one picture. */
  const objects = {
    imageId: [1, 1],
    classId: [7, 3],
    x1: [0.4, 0.1],
    y1: [0.4, 0.5],
    x2: [0.6, 0.9],
    y2: [0.6, 0.502],
  };
  const grids = sourceGrids(presetDefaultBoxes(network), network.input, maps);
  const fit = summarise(analyseCoverage(objects, { grids }, 0.5), objects, 0.5);

  it('counts matched and forced objects, in all and per class', () => {
    expect(fit).toMatchObject({ objects: 2, matched: 1, forced: 1, unmatched: 0 });
    expect(fit.classes).toEqual([
      { classId: 3, objects: 1, matched: 0 },
      { classId: 7, objects: 1, matched: 1 },
    ]);
  });

  it('puts every object into one bin of the histogram', () => {
    expect(fit.histogram.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(fit.histogram.slice(10).reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('is zero without objects', () => {
    const none = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] };
    expect(summarise(analyseCoverage(none, { grids }, 0.5), none, 0.5)).toMatchObject({ objects: 0, meanIou: 0 });
  });
});

describe('taking over fitted sizes', () => {
  const preset = presetDefaultBoxes(network);
  const fitted = {
    ...preset,
    sources: preset.sources.map((source) => ({
      ...source,
      minSizes: source.minSizes.map((size) => size / 2),
      maxSizes: source.maxSizes.map((size) => size / 2),
    })),
  };

  it('keeps ratios, clipping and which maps have an extra box', () => {
    const own = withExtraBox({ ...preset, clip: 'all' }, 3, false);
    const result = withSizesOf(own, fitted);
    expect(result.clip).toBe('all');
    expect(result.sources[3]).toMatchObject({ minSizes: [81], maxSizes: [] });
    expect(result.sources[1]).toMatchObject({ minSizes: [30], maxSizes: [55.5], aspectRatios: [2, 3] });
  });

  it('pairs an extra box that the fitted sizes do not know', () => {
    const bare = { ...fitted, sources: fitted.sources.map((source) => ({ ...source, maxSizes: [] })) };
    expect(withSizesOf(preset, bare).sources[0].maxSizes).toEqual([30]);
  });
});

describe('the latest question', () => {
  it('overtakes those that wait, and the answers keep their order', async () => {
    const release: ((answer: string) => void)[] = [];
    const asked: number[] = [];
    const latest = new Latest<number, string>((question) => {
      asked.push(question);
      return new Promise((resolve) => release.push(resolve));
    });
    const answers: string[] = [];
    for (const question of [1, 2, 3, 4]) latest.put(question, (answer) => answers.push(answer));
    expect(asked).toEqual([1]);
    release[0]('one');
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked).toEqual([1, 4]);
    release[1]('four');
    await new Promise((resolve) => setTimeout(resolve));
    expect(answers).toEqual(['four']);
    latest.put(5, (answer) => answers.push(answer));
    release[2]('five');
    await new Promise((resolve) => setTimeout(resolve));
    expect(answers).toEqual(['four', 'five']);
  });
});
