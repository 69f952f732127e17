import type { RunSummary, ValidationRecord } from './run';

type Measured = Pick<ValidationRecord, 'step' | 'meanAveragePrecision'>;

/** The first with the highest mean average precision; null without any. */
export const bestValidation = (validations: readonly ValidationRecord[]): ValidationRecord | null =>
  validations.reduce<ValidationRecord | null>(
    (best, next) => (best !== null && best.meanAveragePrecision >= next.meanAveragePrecision ? best : next),
    null,
  );

/**
 * What the checkpoint that predicts was measured at. Its record is missing where the run was set back behind it, which cuts the
 * records and leaves the checkpoint.
 */
export function bestMeasured(
  { bestStep, meanAveragePrecision }: Pick<RunSummary, 'bestStep' | 'meanAveragePrecision'>,
  validations: readonly ValidationRecord[],
): Measured | null {
  const recorded = bestValidation(validations);
  if (bestStep === null || meanAveragePrecision === null) return recorded;
  return recorded !== null && recorded.meanAveragePrecision >= meanAveragePrecision
    ? recorded
    : { step: bestStep, meanAveragePrecision };
}
