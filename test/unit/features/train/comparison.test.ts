import { describe, expect, it } from 'vitest';
import type { MetricRecord, RunSummary } from '@core/experiment/run';
import {
  comparedSeries,
  lossCurve,
  precisionCurve,
  runLine,
  valueAt,
  type ComparedRun,
} from '../../../../src-renderer/features/train/comparison';
import { precisionSeries, smoothedPlot } from '../../../../src-renderer/features/train/run-series';

const record = (step: number, confidenceLoss: number, gradientNorm?: number): MetricRecord => ({
  step,
  seconds: 2 * step,
  confidenceLoss,
  localisationLoss: 1,
  learningRate: 0.001,
  imagesPerSecond: 10,
  positivesPerSource: [1],
  ...(gradientNorm === undefined ? {} : { gradientNorm }),
});
const validation = (step: number, value: number) => ({ step, meanAveragePrecision: value, averagePrecision: [] });
const compared: ComparedRun = {
  run: { id: 7, name: 'seven' } as RunSummary,
  metrics: [record(1, 4), record(2, 4), record(5, 4)],
  validations: [validation(2, 0.25), validation(5, 0.5)],
};

describe('runs over one axis', () => {
  it('have their curves by step or by time, validations at the time of their step', () => {
    expect(lossCurve(compared, 'confidenceLoss', 'step').map(([x]) => x)).toEqual([1, 2, 5]);
    expect(lossCurve(compared, 'confidenceLoss', 'time').map(([x]) => x)).toEqual([2, 4, 10]);
    expect(precisionCurve(compared, 'time')).toEqual([
      [4, 0.25],
      [10, 0.5],
    ]);
  });

  it('say nothing where a run had not begun or was over, and their last value without a place', () => {
    const points = precisionCurve(compared, 'step');
    expect(valueAt(points, null)).toBe(0.5);
    expect(valueAt(points, 2.9)).toBe(0.25);
    expect(valueAt(points, 6)).toBeNull();
    expect(valueAt([], null)).toBeNull();
  });

  it('can be told apart: no two of the first twenty have the same colour, neighbours not the same dashes either', () => {
    const lines = Array.from({ length: 20 }, (_, position) => runLine(position));
    expect(new Set(lines.map(({ colour }) => colour)).size).toBe(20);
    for (let k = 1; k < lines.length; k++) expect(lines[k].dash).not.toBe(lines[k - 1].dash);
    expect(comparedSeries([compared], () => [])[0]).toMatchObject({ id: '7', label: 'seven' });
  });
});

describe('the curves of one run', () => {
  it('leave out records that do not have the value', () => {
    const { series, latest } = smoothedPlot([record(1, 4), record(2, 4, 3)], (each) => each.gradientNorm);
    expect(series.map(({ points }) => points)).toEqual([[[2, 3]], [[2, 3]]]);
    expect(latest).toBe(3);
    expect(smoothedPlot([record(1, 4)], (each) => each.gradientNorm)).toEqual({
      series: [],
      top: undefined,
      latest: null,
    });
  });

  it('mark the best validation, and leave many classes to the table', () => {
    const validations = [validation(10, 0.5), validation(20, 0.75), validation(30, 0.625)];
    const best = precisionSeries(validations, ['a']).find(({ id }) => id === 'best');
    expect(best?.points).toEqual([[20, 0.75]]);
    const many = Array.from({ length: 20 }, (_, at) => `class ${at}`);
    expect(precisionSeries(validations, many).map(({ id }) => id)).toEqual(['mean', 'best']);
    expect(precisionSeries(validations, ['a', 'b'])).toHaveLength(4);
    expect(precisionSeries([], ['a']).flatMap(({ points }) => points)).toEqual([]);
  });
});
