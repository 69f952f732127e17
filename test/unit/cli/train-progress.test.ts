import { describe, expect, it } from 'vitest';
import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { presetDefaultBoxes } from '@core/priors/presets';
import { describeCurves, describeProgress } from '../../../src-main/cli/train-progress';
import { SMALL_RUN } from '../../support/training-run';

const record: MetricRecord = {
  step: 40,
  seconds: 75,
  confidenceLoss: 3.1234,
  localisationLoss: 1,
  learningRate: 0.004,
  imagesPerSecond: 30.06,
  positivesPerSource: [4, 0, 1, 0.5],
};
const validation = (step: number, value: number): ValidationRecord => ({
  step,
  meanAveragePrecision: value,
  averagePrecision: [
    { className: 'cell', value },
    { className: 'dust', value: null },
  ],
});

describe('the line of progress', () => {
  it('says what is known and nothing of what is not', () => {
    expect(describeProgress(record, [], null)).toBe('step 40: confidence 3.123, localisation 1.000, 30.1 images/s');
    expect(
      describeProgress({ ...record, gradientNorm: 12.345 }, [validation(20, 0.5), validation(40, 0.25)], 130),
    ).toBe(
      'step 40: confidence 3.123, localisation 1.000, gradient norm 12.3, 30.1 images/s, ' +
        'mean AP 0.250 (best 0.500 at step 20), 2 min 10 s left',
    );
  });
});

describe('a run in lines', () => {
  const network = defaultChoice('rfb320');
  const run = {
    configuration: { ...SMALL_RUN, network, defaultBoxes: presetDefaultBoxes(network) },
    classNames: ['cell', 'dust'],
  } as unknown as RunSummary;

  it('names the feature maps by their size, with the losses that each has', () => {
    const text = describeCurves(
      run,
      [{ ...record, confidenceLossPerSource: [2, 0, 1, 0.1234] }],
      [validation(20, 0.5)],
    );
    expect(text).toMatch(/40 × 30 +4\.000 +2\.000 +–/);
    expect(text).toMatch(/5 × 4 +0\.500 +0\.123 +–/);
    expect(text).toMatch(/20 +0\.500 best +0\.500 +–/);
  });

  it('says when there is nothing, as of an imported run', () => {
    expect(describeCurves(run, [], [])).toBe('No training step is recorded.');
  });
});
