import { describe, expect, it } from 'vitest';
import { learningRateAt, runProgress, secondsLeft } from '@core/experiment/schedule';

const run = { steps: 1000, minutes: null, learningRate: 0.02 };

describe('learning rate', () => {
  it('rises linearly through the warm-up and then holds', () => {
    const schedule = { kind: 'constant', warmupSteps: 4 } as const;
    const rates = [0, 1, 2, 3, 4, 999].map((step) => learningRateAt({ ...run, schedule }, { step, seconds: 0 }));
    expect(rates.map((rate) => rate / 0.02)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  });

  it('ends the warm-up after a tenth of a run that is shorter than that', () => {
    const short = {
      steps: 50,
      minutes: null,
      learningRate: 1,
      schedule: { kind: 'constant', warmupSteps: 500 },
    } as const;
    expect(learningRateAt(short, { step: 0, seconds: 0 })).toBeCloseTo(0.002, 12);
    expect(learningRateAt(short, { step: 2, seconds: 0 })).toBeCloseTo(0.4, 12);
    expect(learningRateAt(short, { step: 5, seconds: 0 })).toBe(1);
  });

  it('falls as a cosine to nothing at the last step', () => {
    const at = (step: number) =>
      learningRateAt({ ...run, schedule: { kind: 'cosine', warmupSteps: 0 } }, { step, seconds: 0 });
    expect(at(0)).toBeCloseTo(0.02, 12);
    expect(at(500)).toBeCloseTo(0.01, 12);
    expect(at(250)).toBeCloseTo(0.02 * (0.5 + Math.SQRT1_2 / 2), 12);
    expect(at(999)).toBeLessThan(1e-7);
  });

  it('falls by ten at each milestone', () => {
    const schedule = { kind: 'multistep', warmupSteps: 0, milestones: [0.8, 0.9] } as const;
    const at = (step: number) => learningRateAt({ ...run, schedule }, { step, seconds: 0 });
    expect([at(799), at(800), at(899), at(900)].map((rate) => Number(rate.toPrecision(6)))).toEqual([
      0.02, 0.002, 0.002, 0.0002,
    ]);
  });

  it('follows the minutes when the run is limited by them', () => {
    const timed = { ...run, minutes: 10, schedule: { kind: 'cosine', warmupSteps: 0 } } as const;
    expect(learningRateAt(timed, { step: 3, seconds: 300 })).toBeCloseTo(0.01, 12);
    expect(runProgress(timed, { step: 3, seconds: 600 })).toBe(1);
    expect(runProgress(timed, { step: 900, seconds: 60 })).toBe(0.9);
  });
});

describe('time left', () => {
  it('is unknown until there is a pace, unless minutes decide', () => {
    expect(secondsLeft(run, { step: 0, seconds: 0 }, null)).toBeNull();
    expect(secondsLeft({ ...run, minutes: 2 }, { step: 0, seconds: 30 }, null)).toBe(90);
  });

  it('is what ends first, steps or minutes', () => {
    expect(secondsLeft(run, { step: 900, seconds: 50 }, 0.5)).toBe(50);
    expect(secondsLeft({ ...run, minutes: 1 }, { step: 900, seconds: 50 }, 0.5)).toBe(10);
  });
});
