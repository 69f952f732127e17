/** Bringing weight files in: as a report, as a run of the project, as a model file, as what a training begins from. */
import { StudioFailure } from '@core/contract/failure';
import type { WeightsReport, WeightsSource } from '@core/contract/weights';
import type { RunConfiguration, RunSummary, StartWeights } from '@core/experiment/run';
import { suggestConfiguration } from '@core/experiment/suggest';
import type { StartTarget } from '@core/weights/choose-plan';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import { addRun, inPreparedFolder } from './new-run';
import type { Emit, OperationContext } from './operations';
import type { ComputeLauncher, ProjectStore, RunFiles, WeightsTarget } from './ports';
import type { ProjectSession } from './session';

const NO_OBJECTS = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] };

export function createWeightsHandlers(
  session: ProjectSession,
  launcher: ComputeLauncher,
  files: RunFiles,
  emit: Emit,
): HandlersOf<'weights.inspect' | 'weights.import' | 'weights.convert'> {
  return {
    'weights.inspect': async ({ source, start }, context) => {
      const target = start === null ? null : { ...start, classNames: projectClasses(session.require()) };
      return (await bringIn(launcher, source, { kind: 'report', start: target }, context)).report;
    },
    'weights.import': async ({ source, name }, context) => {
      const store = session.require();
      return inPreparedFolder(store, files, async (prepared) => {
        const { report, startWeights } = await bringIn(
          launcher,
          source,
          { kind: 'checkpoint', runDirectory: prepared },
          context,
        );
        // Someone may have opened another project meanwhile.
        if (session.store !== store) throw new StudioFailure('cancelled', 'The project was closed meanwhile.');
        const run = await addImportedRun(store, files, prepared, { name, report, startWeights });
        emit('run.changed', run);
        return { run, report };
      });
    },
    'weights.convert': async ({ source, out }, context) => {
      const { report, bytes } = await bringIn(launcher, source, { kind: 'model', path: out }, context);
      return { path: out, bytes, report };
    },
  };
}

/** The configuration of a run that begins from a file's weights, which then lie in the folder `prepared`. */
export async function prepareStart(
  store: ProjectStore,
  launcher: ComputeLauncher,
  prepared: string,
  configuration: RunConfiguration,
  source: WeightsSource,
  context: Pick<OperationContext, 'progress' | 'signal'>,
): Promise<RunConfiguration> {
  const { network, defaultBoxes } = configuration;
  const start: StartTarget = { network, defaultBoxes, classNames: projectClasses(store) };
  const target = { kind: 'start', runDirectory: prepared, start } as const;
  const { report, startWeights } = await bringIn(launcher, source, target, context);
  return { ...configuration, network: report.network, startWeights };
}

function bringIn(
  launcher: ComputeLauncher,
  source: WeightsSource,
  target: WeightsTarget,
  { progress, signal }: Pick<OperationContext, 'progress' | 'signal'>,
) {
  return runComputeJob(launcher, { kind: 'import-weights', source, target }, signal, (message) => {
    if (message.kind === 'progress') progress(message.label, message.done, message.total);
  });
}

/** Settings that only a training would need are those the studio suggests; nothing trains this run. */
async function addImportedRun(
  store: ProjectStore,
  files: RunFiles,
  prepared: string,
  brought: {
    readonly name: string | undefined;
    readonly report: WeightsReport;
    readonly startWeights: StartWeights | null;
  },
): Promise<RunSummary> {
  const { report, startWeights } = brought;
  const { network, classNames, conventions } = report;
  const facts = { classes: classNames.length, trainImages: 0, objects: NO_OBJECTS };
  const configuration: RunConfiguration = {
    ...suggestConfiguration(network, facts, conventions.defaultBoxes, 'weights'),
    detection: conventions.detection,
    startWeights,
  };
  const snapshot = { version: 1, configuration, classNames, datasetHash: '', train: [], val: [] } as const;
  const name = brought.name ?? report.fileName.replace(/\.(pth|pt|safetensors|bin|ckpt|tar)$/i, '');
  const { id } = await addRun(store, files, name.slice(0, 200), snapshot, prepared);
  return store.updateRun(id, { state: 'imported', checkpointStep: 0 });
}

const projectClasses = (store: ProjectStore): readonly string[] => store.info().classes.map(({ name }) => name);
