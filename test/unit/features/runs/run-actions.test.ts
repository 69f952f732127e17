import { describe, expect, it } from 'vitest';
import type { RunState } from '@core/experiment/run';
import { actionsOf, explanation } from '../../../../src-renderer/features/runs/run-actions';

describe('what can be done with a run', () => {
  const of = (state: RunState, checkpointStep: number | null = 100) => actionsOf({ state, checkpointStep });

  it('follows its state', () => {
    expect(of('running')).toEqual(['pause', 'stop']);
    expect(of('interrupted')).toEqual(['continue', 'remove']);
    expect(of('finished')).toEqual(['remove']);
    expect(of('imported', 0), 'there is no training to continue').toEqual(['remove']);
  });

  it('offers to continue from a checkpoint, and to start an interrupted one again', () => {
    expect(of('failed', null)).toEqual(['remove']);
    expect(of('interrupted', null)).toEqual(['continue', 'remove']);
    expect(explanation({ state: 'interrupted', message: null, checkpointStep: null, step: 3 })).toContain(
      'started again',
    );
  });

  it('says why a run was interrupted, or at least where it goes on', () => {
    const interrupted = { state: 'interrupted', checkpointStep: 1200, step: 1234 } as const;
    expect(explanation({ ...interrupted, message: 'It was killed. Continue.' })).toBe('It was killed. Continue.');
    expect(explanation({ ...interrupted, message: null })).toContain('from the checkpoint at step 1,200.');
  });

  it('says why a run failed and where it goes on', () => {
    const text = explanation({ state: 'failed', message: 'The disk is full.', checkpointStep: 7, step: 9 });
    expect(text).toBe('The disk is full. Continue goes on from the checkpoint at step 7.');
  });
});
