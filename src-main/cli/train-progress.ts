/** A training in lines of text: what `train` says while it runs, and what `runs --run` says of it afterwards. */
import { bestValidation } from '@core/experiment/best-validation';
import { mapNames } from '@core/experiment/map-names';
import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import { table } from './output';

/** One line: losses, gradient norm, speed, the latest and the best mean AP, time left. What is not known is left out. */
export function describeProgress(
  latest: MetricRecord,
  validations: readonly ValidationRecord[],
  secondsLeft: number | null,
): string {
  const { step, confidenceLoss, localisationLoss, gradientNorm, imagesPerSecond } = latest;
  return [
    `step ${step}: confidence ${confidenceLoss.toFixed(3)}`,
    `localisation ${localisationLoss.toFixed(3)}`,
    gradientNorm === undefined ? null : `gradient norm ${gradientNorm.toPrecision(3)}`,
    `${imagesPerSecond.toFixed(1)} images/s`,
    precisionSoFar(validations),
    secondsLeft === null ? null : `${formatSeconds(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(', ');
}

function precisionSoFar(validations: readonly ValidationRecord[]): string | null {
  const last = validations.at(-1);
  const best = bestValidation(validations);
  if (!last || !best) return null;
  const earlier = best.step === last.step ? '' : ` (best ${best.meanAveragePrecision.toFixed(3)} at step ${best.step})`;
  return `mean AP ${last.meanAveragePrecision.toFixed(3)}${earlier}`;
}

export function describeValidation({ step, meanAveragePrecision, averagePrecision }: ValidationRecord): string {
  const classes = averagePrecision.map(({ className, value }) => `${className} ${fixed(value ?? undefined)}`);
  return `step ${step}: mean AP ${meanAveragePrecision.toFixed(3)} on val (${classes.join(', ')})`;
}

/** A run as a whole: its last record, its feature maps and its validations. */
export function describeCurves(
  run: RunSummary,
  metrics: readonly MetricRecord[],
  validations: readonly ValidationRecord[],
): string {
  const last = metrics.at(-1);
  if (!last) return 'No training step is recorded.';
  const maps = mapNames(run.configuration).map((name, at) => [
    name,
    fixed(last.positivesPerSource[at]),
    fixed(last.confidenceLossPerSource?.[at]),
    fixed(last.localisationLossPerSource?.[at]),
  ]);
  const best = bestValidation(validations);
  const precisions = validations.map((record) => [
    record.step,
    `${record.meanAveragePrecision.toFixed(3)}${record === best ? ' best' : ''}`,
    ...run.classNames.map((name) => fixed(record.averagePrecision.find((c) => c.className === name)?.value)),
  ]);
  return [
    `${describeProgress(last, validations, null)}, learning rate ${Number(last.learningRate.toPrecision(3))}, ` +
      `trained for ${formatSeconds(last.seconds)}`,
    table(['map', 'positives per picture', 'confidence loss', 'localisation loss'], maps),
    ...(validations.length > 0 ? [table(['step', 'mean AP', ...run.classNames], precisions)] : []),
  ].join('\n\n');
}

const fixed = (value: number | null | undefined): string => value?.toFixed(3) ?? '–';

function formatSeconds(seconds: number): string {
  const s = Math.round(seconds);
  return s < 60
    ? `${s} s`
    : s < 3600
      ? `${Math.floor(s / 60)} min ${s % 60} s`
      : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
