import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iouAt } from '@core/geometry/overlap';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { analyseCoverage, recallCurve } from '@core/priors/coverage';
import { CURVE_STEPS, type ObjectGroup, RELATIVE_SIZES, reportCoverage } from '@core/priors/coverage-report';
import { generateDefaultBoxes } from '@core/priors/generate';
import { logHistogram } from '@core/priors/histogram';
import { anyConfiguration } from '../../support/default-boxes';
import { columnsOf, someObjects } from '../../support/objects';

const input = { width: 320, height: 240 };
const maps = [
  { width: 12, height: 9 },
  { width: 5, height: 1 },
];
const LEVELS = Array.from({ length: CURVE_STEPS + 1 }, (_, i) => i / CURVE_STEPS);
const somePictures = fc.array(someObjects(5), { minLength: 1, maxLength: 6 });

/** The report, and what it is about: one entry per object, with every IoU worked out for itself. */
function reported(configuration: DefaultBoxConfiguration, pictures: Parameters<typeof columnsOf>[0]) {
  const boxes = generateDefaultBoxes(configuration, input, maps);
  const columns = columnsOf(pictures);
  const objects = { ...columns, classId: Array.from(columns.x1, (_, i) => 7 - (i % 3)) };
  const coverage = analyseCoverage(objects, boxes, 0.5);
  const report = reportCoverage(coverage, objects, { input, grids: boxes.grids, threshold: 0.5 });
  const each = Array.from(columns.x1, (x1, i) => {
    const corners = [x1, columns.y1[i], columns.x2[i], columns.y2[i]];
    const width = (columns.x2[i] - x1) * input.width;
    const height = (columns.y2[i] - columns.y1[i]) * input.height;
    const overlaps = Array.from({ length: boxes.total }, (_, prior) => iouAt(corners, 0, boxes.corners, prior));
    const ofMap = maps.map((_, k) => Math.max(0, ...overlaps.slice(boxes.offsets[k], boxes.offsets[k + 1])));
    return {
      classId: objects.classId[i],
      size: Math.sqrt(width * height),
      ratio: width / height,
      best: Math.max(...ofMap),
      ofMap,
    };
  });
  return { report, each, coverage, boxes };
}

/** Counts and means are exact but for overlaps that round to the other side of a level. */
function expectGroup(group: ObjectGroup, bests: readonly number[]): void {
  expect(group.objects).toBe(bests.length);
  const mean = bests.length === 0 ? 0 : bests.reduce((a, b) => a + b, 0) / bests.length;
  expect(group.meanBestIou).toBeCloseTo(mean, 4);
  const [above, below] = [-1e-5, 1e-5].map((by) =>
    recallCurve(
      bests.map((best) => best - by),
      LEVELS,
    ),
  );
  group.curve.forEach((share, i) => {
    expect(share).toBeLessThanOrEqual(above[i] + 1e-9);
    if (i > 0) expect(share).toBeGreaterThanOrEqual(below[i] - 1e-9);
  });
  expect(group.curve[0]).toBe(bests.length === 0 ? 0 : 1);
  expect(group.matched / Math.max(1, group.objects)).toBe(group.curve[50]);
}

describe('a coverage report', () => {
  it('sums up what all overlaps show: in all, by class, by size in the input and in the picture, and by map alone', () => {
    fc.assert(
      fc.property(anyConfiguration, somePictures, (configuration, pictures) => {
        const { report, each } = reported(configuration, pictures);
        // A size within rounding of a bound may fall on either side of it.
        const bounded = [32, 96, ...RELATIVE_SIZES.map((scale) => scale * Math.sqrt(320 * 240))];
        fc.pre(each.every(({ size }) => bounded.every((bound) => Math.abs(size - bound) > 1e-6)));
        const bestsOf = (keep: (object: (typeof each)[number]) => boolean) => each.filter(keep).map(({ best }) => best);
        expectGroup(
          report.all,
          bestsOf(() => true),
        );
        for (const group of report.classes)
          expectGroup(
            group,
            bestsOf(({ classId }) => classId === group.classId),
          );
        const bounds = { small: [0, 32], medium: [32, 96], large: [96, Infinity] } as const;
        for (const group of report.inputSizes) {
          const [from, to] = bounds[group.size];
          expectGroup(
            group,
            bestsOf(({ size }) => size > from && size <= to),
          );
        }
        const side = Math.sqrt(320 * 240);
        for (const group of report.relativeSizes) {
          expectGroup(
            group,
            bestsOf(({ size }) => size / side >= group.from && size / side < (group.to ?? Infinity)),
          );
        }
        report.maps.forEach(({ alone }, k) =>
          expectGroup(
            alone,
            each.map(({ ofMap }) => ofMap[k]),
          ),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('tells positives per picture, sizes and ratios, with every default box of a cell marked', () => {
    fc.assert(
      fc.property(anyConfiguration, somePictures, (configuration, pictures) => {
        const { report, each, coverage, boxes } = reported(configuration, pictures);
        expect(report.pictures).toBe(pictures.length);
        report.maps.forEach(({ positivesPerPicture, best }, k) => {
          expect(positivesPerPicture * pictures.length).toBeCloseTo(coverage.positivesPerSource[k], 9);
          expect(best).toBe(coverage.bestSource.filter((source) => source === k).length);
        });
        expect(report.scales.counts.reduce((a, b) => a + b, 0)).toBe(each.length);
        expect(report.ratios.edges[0]).toBeLessThanOrEqual(Math.min(...each.map(({ ratio }) => ratio)) + 1e-6);
        expect(report.marks).toHaveLength(boxes.grids[0].boxesPerCell + boxes.grids[1].boxesPerCell);
        const { shapes } = boxes.grids[0];
        expect(report.marks[0]).toMatchObject({ source: 0, width: shapes[0] * 320, height: shapes[1] * 240 });
      }),
      { numRuns: 30 },
    );
  });

  it('is all zeros without objects', () => {
    const { report } = reported(
      {
        sources: maps.map(() => ({ minSizes: [20], maxSizes: [], aspectRatios: [], step: null })),
        clip: 'none',
        offset: 0.5,
        variances: [0.1, 0.2],
      },
      [],
    );
    expect(report).toMatchObject({ objects: 0, pictures: 0, positivesPerPicture: 0, classes: [] });
    expect(report.all.meanBestIou).toBe(0);
    expect(report.scales).toEqual({ edges: [], counts: [] });
  });
});

describe('a histogram of factors', () => {
  it('puts each value between the edges of its bin, and leaves out what has no logarithm', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 5000, noNaN: true }), { minLength: 1 }), (values) => {
        const { edges, counts } = logHistogram([...values, 0, -1]);
        expect(edges).toHaveLength(counts.length + 1);
        counts.forEach((count, bin) => {
          const inside = (value: number) => value >= edges[bin] * (1 - 1e-8) && value < edges[bin + 1] * (1 + 1e-8);
          expect(values.filter(inside).length).toBeGreaterThanOrEqual(count);
        });
        expect(counts.reduce((a, b) => a + b, 0)).toBe(values.length);
      }),
    );
    expect(logHistogram([16, 17, 32])).toMatchObject({ counts: [2, 0, 0, 0, 1] });
  });
});
