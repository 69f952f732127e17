/** Looking at runs and removing them. */
import { StudioFailure } from '@core/contract/failure';
import type { RunSummary } from '@core/experiment/run';
import type { HandlersOf } from './handlers';
import type { ProjectStore, RunFiles } from './ports';
import type { ProjectSession } from './session';
import type { TrainingSupervisor } from './training-supervisor';

export function createRunHandlers(
  session: ProjectSession,
  supervisor: TrainingSupervisor,
  files: RunFiles,
): HandlersOf<'runs.list' | 'runs.get' | 'runs.metrics' | 'runs.previews' | 'runs.remove'> {
  return {
    'runs.list': async () =>
      session
        .require()
        .runs()
        .map((run) => supervisor.live(run)),
    'runs.get': async ({ runId }) => supervisor.live(requireRun(session.require(), runId)),
    'runs.metrics': async ({ runId, afterStep }) => {
      const store = session.require();
      requireRun(store, runId);
      return files.readMetrics(store.runDirectory(runId), afterStep);
    },
    'runs.previews': async ({ runId }) => {
      const store = session.require();
      requireRun(store, runId);
      return files.readPreviews(store.runDirectory(runId));
    },
    'runs.remove': async ({ runId }) => {
      const store = session.require();
      const run = requireRun(store, runId);
      if (supervisor.isTraining(runId)) {
        throw new StudioFailure('busy', `${run.name} is being trained.`, 'Stop it first.');
      }
      const directory = store.runDirectory(runId);
      store.removeRun(runId);
      await files.remove(directory);
    },
  };
}

export function requireRun(store: ProjectStore, runId: number): RunSummary {
  const run = store.run(runId);
  if (run === null) throw new StudioFailure('not-found', `There is no run ${runId} in this project.`);
  return run;
}

/** A run that can predict. Throws while it has no checkpoint. */
export function requireTrainedRun(store: ProjectStore, runId: number): RunSummary {
  const run = requireRun(store, runId);
  if (run.checkpointStep === null) {
    throw new StudioFailure('not-found', `${run.name} has no checkpoint yet.`, 'Train it until its first checkpoint.');
  }
  return run;
}
