/** Starting, pausing, continuing and stopping runs. */
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration } from '@core/experiment/run';
import { architecture } from '@core/network/zoo';
import type { HandlersOf } from './handlers';
import type { ProjectStore, RunFiles } from './ports';
import { requireRun } from './runs';
import type { ProjectSession } from './session';
import { buildSnapshot } from './snapshot';
import { suggestForProject } from './suggestion';
import type { TrainingSupervisor } from './training-supervisor';

type TrainingChannels =
  | 'training.suggest'
  | 'training.start'
  | 'training.pause'
  | 'training.resume'
  | 'training.stop'
  | 'priors.load'
  | 'priors.save';

export function createTrainingHandlers(
  session: ProjectSession,
  supervisor: TrainingSupervisor,
  files: RunFiles,
): HandlersOf<TrainingChannels> {
  return {
    'priors.load': async ({ network }) => session.require().loadDefaultBoxes(network),
    'priors.save': async ({ network, configuration }) => session.require().saveDefaultBoxes(network, configuration),
    'training.suggest': async ({ network }) => suggestForProject(session.require(), network),
    'training.start': async ({ configuration }) => {
      const store = session.require();
      supervisor.requireIdle();
      const run = await createRun(store, files, configuration);
      return supervisor.launch(store, run, false);
    },
    'training.pause': async ({ runId }) => supervisor.order(runId, 'pause'),
    'training.resume': async ({ runId }) => {
      const store = session.require();
      const run = requireRun(store, runId);
      supervisor.requireIdle();
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

/** Freezes the data set and the configuration in the run's folder. Returns the run's id. */
async function createRun(store: ProjectStore, files: RunFiles, configuration: RunConfiguration): Promise<number> {
  const snapshot = buildSnapshot(store, configuration);
  if (!snapshot.train.some(({ objects }) => objects.length > 0)) {
    throw new StudioFailure(
      'bad-request',
      'There is nothing to train on: no picture of the train split has a labelled object.',
      'Label some pictures, or move labelled pictures to the train split on the Pictures screen.',
    );
  }
  const name = `${architecture(configuration.network.architecture).name}, run ${store.runs().length + 1}`;
  const { classNames, datasetHash } = snapshot;
  const run = store.createRun({ name, configuration, classNames, datasetHash });
  try {
    await files.writeSnapshot(store.runDirectory(run.id), snapshot);
  } catch (error) {
    store.removeRun(run.id);
    throw error;
  }
  return run.id;
}
