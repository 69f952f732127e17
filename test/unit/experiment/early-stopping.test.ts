import { describe, expect, it } from 'vitest';
import { afterValidation, NO_VALIDATIONS, reasonToStop } from '@core/experiment/early-stopping';

const after = (...precisions: readonly number[]) =>
  precisions.reduce(
    (history, meanAveragePrecision, i) => afterValidation(history, { step: 10 * (i + 1), meanAveragePrecision }),
    NO_VALIDATIONS,
  );
const patience = (value: number) => ({ earlyStopping: { patience: value } });

describe('early stopping', () => {
  it('remembers the best validation, the first of equals, and how many came since', () => {
    expect(after(0.2, 0.5, 0.5, 0.4)).toEqual({
      step: 40,
      best: { step: 20, meanAveragePrecision: 0.5 },
      sinceBest: 2,
    });
    expect(after(0, 0).best?.step).toBe(10);
  });

  it('ends a run when patience is over, and a better validation gives it all of its patience again', () => {
    expect(reasonToStop(after(0.5, 0.4), patience(2))).toBeNull();
    expect(reasonToStop(after(0.5, 0.4, 0.6, 0.6), patience(2))).toBeNull();
    expect(reasonToStop(after(0.5, 0.4, 0.6, 0.6, 0.1), patience(2))).toMatch(/step 50: 2 .* step 30, .* 60\.0 %/);
    expect(reasonToStop(after(0.5, 0.4, 0.3, 0.2), { earlyStopping: null })).toBeNull();
    expect(reasonToStop(NO_VALIDATIONS, patience(1))).toBeNull();
  });
});
