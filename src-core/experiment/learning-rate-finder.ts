/**
 * The learning-rate range test (Smith 2017, "Cyclical Learning Rates for Training Neural Networks", 3.3), in the form that fastai's
 * lr_find gave it: the rate grows exponentially from step to step while the loss is watched, until it diverges. Too low a rate
 * leaves the loss where it is, a good one makes it fall, too high a one makes it rise.
 */
import { smooth } from './smoothing';

export interface RateRange {
  readonly from: number;
  readonly to: number;
  /** Training steps from the one to the other. */
  readonly steps: number;
}

/** Five decades in as many steps as fastai and Lightning take. */
export const USUAL_RATE_RANGE: RateRange = { from: 1e-5, to: 1, steps: 100 };
/** Fewer steps say nothing. */
export const FEWEST_RATE_STEPS = 20;

/** One step of the test. */
export interface RateSample {
  readonly rate: number;
  /** Of the batch, before the step at this rate moved the weights: confidence loss + alpha · localisation loss. */
  readonly loss: number;
}

/** The learning rate of step `step`, from 0: from · (to / from)^(step / (steps - 1)). */
export function rateOfStep({ from, to, steps }: RateRange, step: number): number {
  return from * (to / from) ** (step / Math.max(1, steps - 1));
}

/** The mean reaches over about a twelfth of the test; fastai's 0.98 lags too far behind in a hundred steps. */
const smoothingWeight = (steps: number): number => 1 - 1 / Math.max(3, steps / 12);

/** The losses of a test of so many steps, smoothed. */
export const smoothedLosses = (samples: readonly RateSample[], steps: number): readonly number[] =>
  smooth(
    samples.map(({ loss }) => loss),
    smoothingWeight(steps),
  );

/** fastai's: the smoothed loss is beyond four times its lowest value. */
const DIVERGED = 4;

/** Whether a further step would tell nothing: the last loss is no number, or the smoothed loss has left its lowest value behind. */
export function hasDiverged(samples: readonly RateSample[], steps: number): boolean {
  const smoothed = smoothedLosses(samples, steps);
  const last = smoothed[smoothed.length - 1] ?? 0;
  return !Number.isFinite(last) || last > DIVERGED * lowest(smoothed);
}

export interface RateSuggestion {
  readonly rate: number;
  /** Where the smoothed loss falls fastest over the logarithm of the rate. */
  readonly steepest: number;
  /** Where it has fallen lowest before it rises. */
  readonly minimum: number;
}

export interface RateFinding {
  /** Null where the curve shows no descent. */
  readonly suggestion: RateSuggestion | null;
  /** What the curve says, and how far it can be trusted. */
  readonly sentence: string;
}

/** Of the steps, at the beginning: the smoothed loss stands on few values there. */
const UNSURE_PART = 0.1;
/** A fall counts from so many standard deviations of the difference of two smoothed losses on; below the second it is called faint. */
const FALL = 5;
const CLEAR_FALL = 10;
/** A rise by this part of the fall ends the descent. */
const TAKEN_BACK = 0.1;

/**
 * The suggestion is a tenth of the rate at the end of the first descent (fastai's "minimum / 10"): beyond the minimum training
 * diverges, and a whole run has to be stable for longer than the test was. Where a long flat stretch lies before the end, it is not
 * above the middle, on the logarithmic axis, between the rate where the loss falls fastest (fastai's "steep") and the end. No fall
 * above the noise of the losses, no suggestion.
 */
export function findRate(samples: readonly RateSample[], { steps }: Pick<RateRange, 'steps'>): RateFinding {
  const known = samples.filter(({ loss }) => Number.isFinite(loss));
  const first = Math.ceil(UNSURE_PART * steps);
  if (known.length < FEWEST_RATE_STEPS || known.length < first + 3) {
    return none(
      `Only ${known.length} steps gave a loss: too few to say anything. Begin at a lower rate or take more steps.`,
    );
  }
  const smoothed = smoothedLosses(known, steps);
  const last = smoothed.lastIndexOf(lowest(smoothed.slice(first)));
  const noise = noiseOfDifference(known.slice(0, last + 1), steps);
  const at = indexOfBottom(smoothed, first, FALL * noise);
  const fall = highest(smoothed.slice(first, at + 1)) - smoothed[at];
  if (at <= first + 1 || fall <= FALL * noise) {
    return none(
      'No descent was found: the loss does not fall by more than it varies from batch to batch. ' +
        'More steps or a larger batch show more; weights that have learned these pictures already have nothing to fall to.',
    );
  }
  const steepest = known[indexOfSteepest(known, smoothed, first, at)].rate;
  const minimum = known[at].rate;
  const suggestion = { rate: twoDigits(Math.min(minimum / 10, Math.sqrt(steepest * minimum))), steepest, minimum };
  const faint =
    fall < CLEAR_FALL * noise
      ? ' The fall is faint beside the noise: take it as a hint, or test again with more steps.'
      : '';
  const open =
    at >= known.length - 2
      ? ' The loss was still falling at the end of the range: a higher end would show whether more is possible.'
      : '';
  return {
    suggestion,
    sentence: `The loss falls fastest at ${words(steepest)} and no further from ${words(minimum)} on.${open}${faint}`,
  };
}

const none = (sentence: string): RateFinding => ({ suggestion: null, sentence });
const words = (rate: number): string => String(twoDigits(rate));
const twoDigits = (rate: number): number => Number(rate.toPrecision(2));

/**
 * Standard deviation of the difference of two far values of the smoothed loss, were the loss nothing but noise: that of a loss
 * about its neighbours (half the variance of differences, von Neumann 1941) times sqrt(2 (1 - w) / (1 + w)).
 */
function noiseOfDifference(samples: readonly RateSample[], steps: number): number {
  const changes = samples.slice(1).map(({ loss }, i) => loss - samples[i].loss);
  const squares = changes.reduce((sum, change) => sum + change ** 2, 0);
  const weight = smoothingWeight(steps);
  return Math.sqrt((squares / (2 * changes.length)) * ((2 * (1 - weight)) / (1 + weight)));
}

const highest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), -Infinity);
const lowest = (values: readonly number[]): number => values.reduce((least, value) => Math.min(least, value), Infinity);

/**
 * Where the first descent ends: the lowest value before the fall is taken back in part, once it counts. With batch norm the loss need not
 * diverge at a rate that is far too high, and may come back as low by chance.
 */
function indexOfBottom(values: readonly number[], from: number, fallThatCounts: number): number {
  let [top, bottom] = [from, from];
  for (let i = from + 1; i < values.length; i++) {
    if (values[i] < values[bottom]) bottom = i;
    const fall = values[top] - values[bottom];
    if (fall > fallThatCounts) {
      if (values[i] - values[bottom] > TAKEN_BACK * fall) break;
    } else if (values[i] > values[top]) top = bottom = i;
  }
  return bottom;
}

/** Of the steps from `first` to `last`: central differences over the logarithm of the rate. */
function indexOfSteepest(
  samples: readonly RateSample[],
  smoothed: readonly number[],
  first: number,
  last: number,
): number {
  const slope = (i: number) =>
    (smoothed[i + 1] - smoothed[i - 1]) / Math.log(samples[i + 1].rate / samples[i - 1].rate);
  let best = first;
  for (let i = first + 1; i <= Math.min(last, samples.length - 2); i++) if (slope(i) < slope(best)) best = i;
  return best;
}
