/** Starting, pausing, continuing and stopping runs. */
import { freemem, totalmem } from 'node:os';
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration, RunSummary } from '@core/experiment/run';
import { planTraining } from '@core/experiment/training-plan';
import { architecture } from '@core/network/zoo';
import type { HandlersOf } from './handlers';
import { withBoxesName } from './default-boxes';
import { addRun, inPreparedFolder } from './new-run';
import type { ComputeLauncher, ProjectStore, RunFiles, RunSnapshot } from './ports';
import { requireRun } from './runs';
import type { ProjectSession } from './session';
import { buildSnapshot } from './snapshot';
import { suggestForProject } from './suggestion';
import type { TrainingSupervisor } from './training-supervisor';
import { prepareStart } from './weights';

type TrainingChannels =
  'training.suggest' | 'training.plan' | 'training.start' | 'training.pause' | 'training.resume' | 'training.stop';

export function createTrainingHandlers(
  session: ProjectSession,
  supervisor: TrainingSupervisor,
  files: RunFiles,
  launcher: ComputeLauncher,
): HandlersOf<TrainingChannels> {
  return {
    'training.suggest': async ({ network, start }) => suggestForProject(session.require(), network, start),
    'training.plan': async ({ configuration, engine }) => {
      const store = session.require();
      return planTraining(configuration, {
        classes: store.info().classes.length,
        trainImages: store.imageIds({ split: 'train', problem: false }).length,
        engine,
        freeBytes: freemem(),
        totalBytes: totalmem(),
      });
    },
    'training.start': async ({ configuration, weights }, context) => {
      const store = session.require();
      supervisor.requireIdle();
      requireNoTrainer(store, files);
      const fresh: RunConfiguration = { ...withBoxesName(store, configuration), startWeights: null };
      const snapshot = buildSnapshot(store, fresh);
      requireObjects(snapshot);
      const name = `${architecture(configuration.network.architecture).name}, run ${store.runs().length + 1}`;
      if (weights === undefined) return launch(await addRun(store, files, name, snapshot));
      return inPreparedFolder(store, files, async (prepared) => {
        const started = await prepareStart(store, launcher, prepared, fresh, weights, context);
        // Reading a large file takes a while, in which another training or project may have begun.
        if (session.store !== store) throw new StudioFailure('cancelled', 'The project was closed meanwhile.');
        supervisor.requireIdle();
        return launch(await addRun(store, files, name, { ...snapshot, configuration: started }, prepared));
      });

      function launch({ id }: RunSummary): RunSummary {
        return supervisor.launch(store, id, false);
      }
    },
    'training.pause': async ({ runId }) => supervisor.order(runId, 'pause'),
    'training.resume': async ({ runId }) => {
      const store = session.require();
      const run = requireRun(store, runId);
      supervisor.requireIdle();
      requireNoTrainer(store, files);
      if (run.state === 'imported') {
        throw new StudioFailure(
          'bad-request',
          `${run.name} was brought in as a weight file; there is no training to continue.`,
          'Start a new run from the weight file to train on.',
        );
      }
      if (run.state === 'finished') {
        throw new StudioFailure('bad-request', `${run.name} is finished.`, 'Start a new run to train longer.');
      }
      supervisor.launch(store, runId, run.checkpointStep !== null);
    },
    'training.stop': async ({ runId }) => {
      const store = session.require();
      const run = requireRun(store, runId);
      if (supervisor.isTraining(runId)) supervisor.order(runId, 'stop');
      else if (run.state === 'paused' || run.state === 'interrupted') supervisor.markStopped(store, runId);
    },
  };
}

/** Another window or command line may train a run of the same project. */
export function requireNoTrainer(store: ProjectStore, files: RunFiles): void {
  const other = store.runs().find(({ id }) => files.isTrainerAlive(store.runDirectory(id)));
  if (other === undefined) return;
  throw new StudioFailure(
    'busy',
    `${other.name} is being trained by another window or command line.`,
    'Pause or stop it there, or wait for its end: one training of a project runs at a time.',
  );
}

export function requireObjects({ train }: RunSnapshot): void {
  if (train.some(({ objects }) => objects.length > 0)) return;
  throw new StudioFailure(
    'bad-request',
    'There is nothing to train on: no picture of the train split has a labelled object.',
    'Label some pictures, or move labelled pictures to the train split on the Pictures screen.',
  );
}
