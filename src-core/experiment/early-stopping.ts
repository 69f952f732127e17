/** Which validation was the best, and when a run has waited long enough for a better one. */
import type { RunConfiguration, ValidationRecord } from './run';

/** What a run remembers of its validations; part of every checkpoint, so that a resumed run ends where it would have ended. */
export interface ValidationHistory {
  /** The last step that was validated; 0 before the first. */
  readonly step: number;
  readonly best: Pick<ValidationRecord, 'step' | 'meanAveragePrecision'> | null;
  /** Validations since the best one. */
  readonly sinceBest: number;
}

export const NO_VALIDATIONS: ValidationHistory = { step: 0, best: null, sinceBest: 0 };

/** The history after one more validation. The best is the first of equals. */
export function afterValidation(
  history: ValidationHistory,
  { step, meanAveragePrecision }: Pick<ValidationRecord, 'step' | 'meanAveragePrecision'>,
): ValidationHistory {
  if (history.best === null || meanAveragePrecision > history.best.meanAveragePrecision) {
    return { step, best: { step, meanAveragePrecision }, sinceBest: 0 };
  }
  return { ...history, step, sinceBest: history.sinceBest + 1 };
}

/** Why the run should end now, in a sentence, or null (Prechelt 1998, "Early stopping - but when?": no gain for s strips). */
export function reasonToStop(
  { step, best, sinceBest }: ValidationHistory,
  { earlyStopping }: Pick<RunConfiguration, 'earlyStopping'>,
): string | null {
  if (earlyStopping === null || best === null || sinceBest < earlyStopping.patience) return null;
  const validations = sinceBest === 1 ? 'One validation was' : `${sinceBest} validations in a row were`;
  return (
    `Stopped early at step ${step}: ${validations} no better than that of step ${best.step}, ` +
    `whose mean average precision is ${(100 * best.meanAveragePrecision).toFixed(1)} %.`
  );
}
