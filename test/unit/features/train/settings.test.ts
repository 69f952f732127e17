import { describe, expect, it } from 'vitest';
import { changeSchedule } from '@core/experiment/schedule';
import { NO_AUGMENTATION } from '@core/augment/configuration';
import { runConfiguration } from '@core/contract/run-schema';
import { EARLIER_SETTINGS, type RunConfiguration } from '@core/experiment/run';
import {
  changeSetting,
  milestonesText,
  parseMilestones,
  LENGTH_SETTINGS,
  LOSS_SETTINGS,
  OPTIMISER_SETTINGS,
  readSetting,
  RECORD_SETTINGS,
} from '../../../../src-renderer/features/train/settings';

const configuration: RunConfiguration = {
  ...EARLIER_SETTINGS,
  network: { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } },
  defaultBoxes: {
    sources: [{ minSizes: [32], maxSizes: [], aspectRatios: [], step: null }],
    clip: 'all',
    offset: 0.5,
    variances: [0.1, 0.2],
  },
  steps: 1000,
  minutes: null,
  batchSize: 8,
  learningRate: 0.01,
  schedule: { kind: 'cosine', warmupSteps: 100 },
  momentum: 0.9,
  weightDecay: 0.0005,
  alpha: 1,
  negativesPerPositive: 3,
  matchingThreshold: 0.5,
  augment: NO_AUGMENTATION,
  engine: 'auto',
  seed: 1,
  checkpointEverySteps: 200,
  evaluateEverySteps: 200,
};
const all = [...LENGTH_SETTINGS, ...OPTIMISER_SETTINGS, ...LOSS_SETTINGS, ...RECORD_SETTINGS];

const problems = (changed: RunConfiguration) => runConfiguration.safeParse(changed).error?.issues ?? [];

describe('a training setting', () => {
  it.each(all.map((setting) => [setting.id, setting] as const))('%s is accepted at its bounds', (_, setting) => {
    for (const value of setting.range) {
      const changed = { ...configuration, ...changeSetting(setting, value) };
      expect(readSetting(setting, changed)).toBe(value);
      expect(problems(changed)).toEqual([]);
    }
  });

  it('is rounded where only whole numbers mean something', () => {
    expect(changeSetting(LENGTH_SETTINGS[0], 99.6)).toEqual({ steps: 100 });
    expect(changeSetting(OPTIMISER_SETTINGS[0], 0.0015)).toEqual({ learningRate: 0.0015 });
  });
});

describe('the schedule', () => {
  it('is accepted in each of its kinds and keeps its warm-up', () => {
    for (const kind of ['constant', 'cosine', 'multistep'] as const) {
      const schedule = changeSchedule(configuration.schedule, kind);
      expect(schedule).toMatchObject({ kind, warmupSteps: 100 });
      expect(problems({ ...configuration, schedule })).toEqual([]);
    }
  });

  it('keeps milestones that were there', () => {
    const own = { kind: 'multistep', warmupSteps: 5, milestones: [0.5] } as const;
    expect(changeSchedule(own, 'multistep', 10)).toEqual({ ...own, warmupSteps: 10 });
  });
});

describe('milestones as percent', () => {
  it('come back from their text, in order', () => {
    expect(milestonesText([2 / 3, 5 / 6])).toBe('66.7, 83.3');
    expect(parseMilestones('83.3%  66.7 ;90')).toEqual({ milestones: [0.667, 0.833, 0.9] });
  });

  it('are refused with a reason outside the run', () => {
    for (const text of ['', '0', '50, 100', 'x', '-3']) expect(parseMilestones(text)).toHaveProperty('problem');
    expect(parseMilestones(Array.from({ length: 21 }, (_, i) => i + 1).join())).toHaveProperty('problem');
  });
});
