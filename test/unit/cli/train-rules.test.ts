import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { suggestConfiguration } from '@core/experiment/suggest';
import { defaultChoice } from '@core/network/zoo';
import { applyRules, ruleOptions, type RuleOptions } from '../../../src-main/cli/train-rules';

const NO_OBJECTS = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] };
const suggested = suggestConfiguration(
  defaultChoice('rfb320'),
  { classes: 2, trainImages: 100, objects: NO_OBJECTS },
  null,
);

function scheduleAfter(...args: string[]) {
  const command = ruleOptions(new Command().exitOverride()).parse(args, { from: 'user' });
  return applyRules(suggested, command.opts<RuleOptions>()).schedule;
}

describe('the schedule on the command line', () => {
  it('stays what is suggested without options', () => {
    expect(scheduleAfter()).toEqual(suggested.schedule);
  });

  it('is another with its usual milestones or with given ones', () => {
    const { warmupSteps } = suggested.schedule;
    expect(scheduleAfter('--schedule', 'constant', '--warmup', '7')).toEqual({ kind: 'constant', warmupSteps: 7 });
    expect(scheduleAfter('--schedule', 'multistep')).toEqual({
      kind: 'multistep',
      warmupSteps,
      milestones: [2 / 3, 5 / 6],
    });
    expect(scheduleAfter('--milestones', '0.5,0.75')).toEqual({
      kind: 'multistep',
      warmupSteps,
      milestones: [0.5, 0.75],
    });
  });

  it('refuses what is none', () => {
    expect(() => scheduleAfter('--schedule', 'linear')).toThrow('--schedule linear: known are cosine, multistep');
    expect(() => scheduleAfter('--schedule', 'cosine', '--milestones', '0.5')).toThrow('--schedule multistep');
    expect(() => scheduleAfter('--milestones', '0.5,x')).toThrow('--milestones x: a number is needed');
  });
});
