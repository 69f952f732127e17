import { describe, expect, it } from 'vitest';
import {
  findRate,
  hasDiverged,
  rateOfStep,
  type RateSample,
  smoothedLosses,
  USUAL_RATE_RANGE,
} from '@core/experiment/learning-rate-finder';
import { Random } from '@core/random/random';

const RANGE = USUAL_RATE_RANGE;

/** Samples of a loss that depends on the decade of the rate, with Gaussian noise. */
function samplesOf(loss: (decade: number) => number, noise: number, seed: number, range = RANGE): RateSample[] {
  const random = Random.seeded(seed);
  return Array.from({ length: range.steps }, (_, step) => {
    const rate = rateOfStep(range, step);
    return { rate, loss: loss(Math.log10(rate)) + noise * random.normal() };
  });
}

/** Flat, falls by 4 around 10^-2, lowest near 10^-1, then rises. */
const usualCurve = (decade: number): number =>
  9 - 4 / (1 + Math.exp(-4 * (decade + 2))) + 30 * Math.max(0, decade + 0.6) ** 2;

describe('the rates of the test', () => {
  it('begin and end where they should and have one ratio', () => {
    const rates = Array.from({ length: RANGE.steps }, (_, step) => rateOfStep(RANGE, step));
    expect(rates[0]).toBe(RANGE.from);
    expect(rates[RANGE.steps - 1]).toBeCloseTo(RANGE.to, 12);
    const ratio = (RANGE.to / RANGE.from) ** (1 / (RANGE.steps - 1));
    for (let i = 1; i < rates.length; i++) expect(rates[i] / rates[i - 1]).toBeCloseTo(ratio, 10);
  });
});

describe('divergence', () => {
  const steady = Array.from({ length: 30 }, (_, i) => ({ rate: rateOfStep(RANGE, i), loss: 5 }));
  const withLosses = (...losses: number[]) => [...steady, ...losses.map((loss, i) => ({ rate: 0.1 + i, loss }))];

  it('is a smoothed loss of more than four times the lowest, not one bad batch', () => {
    expect(hasDiverged(steady, RANGE.steps)).toBe(false);
    expect(hasDiverged(withLosses(30), RANGE.steps)).toBe(false);
    expect(hasDiverged(withLosses(60, 60, 60), RANGE.steps)).toBe(true);
  });

  it('is a loss that is no number', () => {
    expect(hasDiverged(withLosses(NaN), RANGE.steps)).toBe(true);
    expect(hasDiverged(withLosses(Infinity), RANGE.steps)).toBe(true);
    expect(hasDiverged([], RANGE.steps)).toBe(false);
  });
});

describe('the suggestion', () => {
  it('is a tenth of the rate of the lowest loss, whatever the noise', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const samples = samplesOf(usualCurve, 0.2, seed);
      const { suggestion, sentence } = findRate(samples, RANGE);
      expect(suggestion, `seed ${seed}`).not.toBeNull();
      const { rate, steepest, minimum } = suggestion!;
      expect(rate).toBe(Number(Math.min(minimum / 10, Math.sqrt(steepest * minimum)).toPrecision(2)));
      // The smoothed curve lags by up to half a decade.
      expect(minimum).toBeGreaterThan(0.1);
      expect(minimum).toBeLessThan(0.7);
      expect(steepest).toBeGreaterThan(0.005);
      expect(steepest).toBeLessThan(0.06);
      expect(sentence).not.toMatch(/faint|still falling/);
    }
  });

  it('looks at the first descent only: what comes back as low after a rise is chance', () => {
    const bouncing = (decade: number) =>
      usualCurve(Math.min(decade, -0.6)) + (decade > -0.6 && decade < -0.3 ? 3 : 0) - Math.max(0, decade + 0.3);
    const { suggestion, sentence } = findRate(samplesOf(bouncing, 0.05, 1), RANGE);
    expect(suggestion!.minimum).toBeLessThan(0.4);
    expect(sentence).not.toMatch(/still falling/);
  });

  it('is not beyond the middle of a long flat stretch before the loss rises', () => {
    const lateRise = (decade: number) => 9 - 4 / (1 + Math.exp(-6 * (decade + 3.5))) - 0.05 * (decade + 5);
    const { suggestion } = findRate(samplesOf(lateRise, 0.01, 1), RANGE);
    const { rate, steepest, minimum } = suggestion!;
    expect(minimum).toBeGreaterThan(100 * steepest);
    expect(rate / steepest).toBeCloseTo(minimum / rate, -1);
    expect(rate).toBeLessThan(minimum / 10);
  });

  it('says so when the loss was still falling at the end', () => {
    expect(
      findRate(
        samplesOf((decade) => -decade, 0.02, 1),
        RANGE,
      ).sentence,
    ).toMatch(/still falling at the end/);
  });

  it('is called faint when the fall hardly shows in the noise', () => {
    const faint = Array.from({ length: 20 }, (_, i) => findRate(samplesOf(usualCurve, 1.9, i + 1), RANGE));
    const suggested = faint.filter(({ suggestion }) => suggestion !== null);
    expect(suggested.length).toBeGreaterThan(0);
    expect(suggested.filter(({ sentence }) => sentence.includes('faint')).length).toBeGreaterThan(suggested.length / 2);
  });

  it('is none where there is only noise, or the loss only rises', () => {
    const found = Array.from({ length: 200 }, (_, i) =>
      findRate(
        samplesOf(() => 9, 0.5, i + 1),
        RANGE,
      ),
    );
    expect(found.filter(({ suggestion }) => suggestion !== null).length).toBeLessThanOrEqual(2);
    expect(found[0].sentence).toMatch(/No descent was found/);
    expect(
      findRate(
        samplesOf((decade) => 9 + 3 * (decade + 5), 0.1, 1),
        RANGE,
      ).suggestion,
    ).toBeNull();
    expect(
      findRate(
        samplesOf(() => 4, 0, 1),
        RANGE,
      ).suggestion,
    ).toBeNull();
  });

  it('is none after too few steps', () => {
    const { suggestion, sentence } = findRate(samplesOf(usualCurve, 0.1, 1).slice(0, 12), RANGE);
    expect(suggestion).toBeNull();
    expect(sentence).toMatch(/Only 12 steps/);
  });
});

describe('the smoothed losses', () => {
  it('are the losses where these do not change', () => {
    for (const value of smoothedLosses(
      samplesOf(() => 4, 0, 1),
      RANGE.steps,
    ))
      expect(value).toBeCloseTo(4, 12);
  });
});
