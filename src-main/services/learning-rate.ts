/** The learning-rate finder: what a training would begin with, tried at growing rates and thrown away. */
import type { RunConfiguration } from '@core/experiment/run';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import { inPreparedFolder } from './new-run';
import type { Emit } from './operations';
import type { ComputeLauncher, RunFiles } from './ports';
import type { ProjectSession } from './session';
import { buildSnapshot } from './snapshot';
import { requireNoTrainer, requireObjects } from './training';
import type { TrainingSupervisor } from './training-supervisor';
import { prepareStart } from './weights';

export function createLearningRateHandlers(
  session: ProjectSession,
  supervisor: TrainingSupervisor,
  files: RunFiles,
  launcher: ComputeLauncher,
  emit: Emit,
): HandlersOf<'training.findRate'> {
  return {
    'training.findRate': async ({ configuration, weights, range, operationId }, context) => {
      const store = session.require();
      requireNoTrainer(store, files);
      const fresh: RunConfiguration = { ...configuration, startWeights: null };
      const snapshot = buildSnapshot(store, fresh);
      requireObjects(snapshot);
      return supervisor.exclusively('A test of learning rates', () =>
        inPreparedFolder(store, files, async (runDirectory) => {
          const started =
            weights === undefined ? fresh : await prepareStart(store, launcher, runDirectory, fresh, weights, context);
          await files.writeSnapshot(runDirectory, { ...snapshot, configuration: started });
          const job = { kind: 'find-rate', runDirectory, range } as const;
          const { engine, samples, diverged } = await runComputeJob(launcher, job, context.signal, (message) => {
            if (message.kind === 'progress') context.progress(message.label, message.done, message.total);
            if (message.kind === 'rate') emit('rate.tried', { operationId, sample: message.sample });
          });
          return { engine, range, samples, diverged };
        }),
      );
    },
  };
}
