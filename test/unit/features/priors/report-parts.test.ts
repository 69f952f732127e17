import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { analyseCoverage } from '@core/priors/coverage';
import { reportCoverage } from '@core/priors/coverage-report';
import { sourceGrids } from '@core/priors/generate';
import { logHistogram } from '@core/priors/histogram';
import { presetDefaultBoxes } from '@core/priors/presets';
import { cropAround } from '../../../../src-renderer/features/priors/crop';
import { countsIn, lanesOf, logAxis } from '../../../../src-renderer/features/priors/factor-axis';
import { curvesOf, GROUPINGS, groupsOf } from '../../../../src-renderer/features/priors/report-groups';

const network = defaultChoice('ssd300');
const maps = [38, 19, 10, 5, 3, 1].map((size) => ({ width: size, height: size }));

describe('the parts of a report', () => {
  /** Twelve classes with an object each, larger from class to class. */
  const sizes = Array.from({ length: 12 }, (_, i) => 0.01 * 1.4 ** i);
  const objects = {
    imageId: sizes.map((_, i) => i),
    classId: sizes.map((_, i) => i),
    x1: sizes.map(() => 0.1),
    y1: sizes.map(() => 0.1),
    x2: sizes.map((size) => 0.1 + size),
    y2: sizes.map((size) => 0.1 + size),
  };
  const grids = sourceGrids(presetDefaultBoxes(network), network.input, maps);
  const setting = { input: network.input, grids, threshold: 0.5 };
  const report = reportCoverage(analyseCoverage(objects, { grids }, 0.5), objects, setting);
  const names = { className: (id: number) => `class ${id}`, colourOf: () => ({ line: '#123456' }) };

  it('hold every object once, maps aside, of which each stands alone for all', () => {
    for (const { value } of GROUPINGS) {
      const groups = groupsOf(report, value, names, 300);
      const total = groups.reduce((sum, { group }) => sum + group.objects, 0);
      expect(total, value).toBe(value === 'map' ? 6 * 12 : 12);
      expect(new Set(groups.map(({ id }) => id)).size).toBe(groups.length);
    }
  });

  it('give a share of the picture as the span of sizes that it is in the input', () => {
    expect(groupsOf(report, 'share', names, 300).map(({ filter }) => filter?.scale)).toEqual([
      [0, 15],
      [15, 30],
      [30, 60],
      [60, 120],
      [120, Infinity],
    ]);
  });

  it('are drawn as curves from the worst, as many as can be told apart, without those that hold nothing', () => {
    const drawn = curvesOf(groupsOf(report, 'class', names, 300));
    expect(drawn).toHaveLength(8);
    expect(drawn[0]).toMatchObject({ label: 'class 0' });
    expect(drawn[0].points).toHaveLength(101);
    expect(drawn[0].points[0]).toEqual([0, 1]);
    expect(curvesOf(groupsOf({ ...report, inputSizes: [] }, 'size', names, 300))).toEqual([]);
    const none = { ...report.all, objects: 0 };
    expect(curvesOf(groupsOf({ ...report, all: none }, 'all', names, 300))).toEqual([]);
  });
});

describe('the axis of factors', () => {
  const marks = [
    { source: 1, width: 60, height: 60, scale: 60, ratio: 1 },
    { source: 0, width: 42, height: 21, scale: 30, ratio: 2 },
    { source: 0, width: 30, height: 30, scale: 30, ratio: 1 },
  ];

  it('has a lane for each map with each size once', () => {
    expect(lanesOf(marks, ({ scale }) => scale)).toEqual([
      { source: 0, values: [30] },
      { source: 1, values: [60] },
    ]);
  });

  it('holds objects and boxes, and labels no closer than they can be read', () => {
    const axis = logAxis(
      [8, 16],
      lanesOf(marks, ({ scale }) => scale),
      300,
    );
    expect(axis.at(60)).toBeLessThan(300);
    expect(axis.at(8)).toBeGreaterThan(0);
    expect(axis.at(16) - axis.at(8)).toBeCloseTo(axis.at(32) - axis.at(16), 9);
    expect(axis.ticksOf([2, 8, 9, 16, 32, 64])).toEqual([8, 16, 32, 64]);
    expect(logAxis([], [], 300).ticksOf([1])).toEqual([]);
  });

  it('counts values into the bins of the histogram they come from', () => {
    const values = [3, 8, 8.1, 17, 100, 64, 32.0001];
    const { edges, counts } = logHistogram(values);
    expect(countsIn(edges, values)).toEqual(counts);
    expect(countsIn(edges, [Number.NaN, 0]).every((count) => count === 0)).toBe(true);
  });
});

describe('the part of a picture that shows an object', () => {
  const picture = { width: 640, height: 480 };

  it('lies in the picture, with the object and as much of the box as leaves the object large enough', () => {
    const object = { x1: 600, y1: 10, x2: 620, y2: 40 };
    for (const best of [null, { x1: 560, y1: -20, x2: 660, y2: 80 }, { x1: 0, y1: 0, x2: 640, y2: 480 }]) {
      const crop = cropAround(object, best, picture, 4 / 3);
      expect(crop.x1).toBeGreaterThanOrEqual(0);
      expect(crop.x2).toBeLessThanOrEqual(640);
      expect(crop.x1).toBeLessThanOrEqual(object.x1);
      expect(crop.x2).toBeGreaterThanOrEqual(object.x2);
      expect(crop.y1).toBeLessThanOrEqual(object.y1);
      expect(crop.y2).toBeGreaterThanOrEqual(object.y2);
      expect((crop.x2 - crop.x1) / (crop.y2 - crop.y1)).toBeCloseTo(4 / 3, 9);
      expect(crop.x2 - crop.x1).toBeLessThanOrEqual(160);
    }
  });
});
