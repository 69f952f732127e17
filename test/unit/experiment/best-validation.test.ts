import { describe, expect, it } from 'vitest';
import { bestMeasured, bestValidation } from '@core/experiment/best-validation';

const validation = (step: number, meanAveragePrecision: number) => ({
  step,
  meanAveragePrecision,
  averagePrecision: [],
});

describe('the best validation', () => {
  it('is the first of the highest, with the step it was measured at', () => {
    const validations = [validation(100, 0.5), validation(200, 0.7), validation(300, 0.7), validation(400, 0.6)];
    expect(bestValidation(validations)?.step).toBe(200);
    expect(bestMeasured({ bestStep: 200, meanAveragePrecision: 0.7 }, validations)?.step).toBe(200);
    expect(bestValidation([])).toBeNull();
  });

  it('is that of the checkpoint where a set back has cut its record', () => {
    const run = { bestStep: 500, meanAveragePrecision: 0.8 };
    expect(bestMeasured(run, [validation(400, 0.6)])).toEqual({ step: 500, meanAveragePrecision: 0.8 });
    expect(bestMeasured(run, [])).toEqual({ step: 500, meanAveragePrecision: 0.8 });
  });

  it('is the record where no checkpoint is known, or a better record has just come', () => {
    expect(bestMeasured({ bestStep: null, meanAveragePrecision: 0.9 }, [validation(100, 0.5)])?.step).toBe(100);
    expect(bestMeasured({ bestStep: 50, meanAveragePrecision: 0.4 }, [validation(100, 0.5)])?.step).toBe(100);
    expect(bestMeasured({ bestStep: null, meanAveragePrecision: 0.9 }, [])).toBeNull();
  });
});
