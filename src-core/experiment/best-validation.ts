import type { ValidationRecord } from './run';

/** The first with the highest mean average precision; null without any. */
export const bestValidation = (validations: readonly ValidationRecord[]): ValidationRecord | null =>
  validations.reduce<ValidationRecord | null>(
    (best, next) => (best !== null && best.meanAveragePrecision >= next.meanAveragePrecision ? best : next),
    null,
  );
