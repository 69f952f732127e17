/** What can be done with a run in each of its states, and how the state reads. */
import type { RunState, RunSummary } from '@core/experiment/run';

export type RunAction = 'pause' | 'stop' | 'continue' | 'remove';

export function actionsOf(run: Pick<RunSummary, 'state' | 'checkpointStep'>): readonly RunAction[] {
  switch (run.state) {
    case 'queued':
      return ['stop'];
    case 'running':
      return ['pause', 'stop'];
    // Without a checkpoint it starts again from its beginning, as its message says.
    case 'interrupted':
      return ['continue', 'remove'];
    case 'paused':
    case 'stopped':
    case 'failed':
      return run.checkpointStep === null ? ['remove'] : ['continue', 'remove'];
    case 'finished':
    case 'imported':
      return ['remove'];
  }
}

export const isActive = (state: RunState): boolean => state === 'running' || state === 'queued';

/** A run whose weights can be evaluated, exported and used for detection. */
export const hasWeights = (run: Pick<RunSummary, 'checkpointStep'>): boolean => run.checkpointStep !== null;

export const STATE_LABELS: Readonly<Record<RunState, string>> = {
  queued: 'Waiting to start',
  running: 'Training',
  paused: 'Paused',
  interrupted: 'Interrupted',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
  imported: 'Imported',
};

/** What happened to a run that did not finish and what can be done, or null where nothing needs saying. */
export function explanation(run: Pick<RunSummary, 'state' | 'message' | 'checkpointStep' | 'step'>): string | null {
  const next =
    run.checkpointStep === null
      ? 'It had not saved a checkpoint yet, so it has to be started again.'
      : `Continue goes on from the checkpoint at step ${run.checkpointStep.toLocaleString('en-US')}.`;
  switch (run.state) {
    case 'interrupted':
      return run.message ?? `The training process ended without saying why. ${next}`;
    case 'failed':
      return `${run.message ?? 'Training failed.'} ${next}`;
    case 'paused':
    case 'stopped':
      return next;
    default:
      return run.message;
  }
}

export const STATE_TONES: Readonly<Record<RunState, 'neutral' | 'accent' | 'good' | 'warn' | 'danger'>> = {
  queued: 'accent',
  running: 'accent',
  paused: 'neutral',
  interrupted: 'warn',
  stopped: 'neutral',
  finished: 'good',
  failed: 'danger',
  imported: 'good',
};
