/** Writing a trained detector as a file that runs elsewhere, and proving that it is the same. */
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import type { ComputeLauncher, ProjectStore } from './ports';
import { requireTrainedRun } from './runs';
import type { ProjectSession } from './session';

export function createExportHandlers(session: ProjectSession, launcher: ComputeLauncher): HandlersOf<'export.run'> {
  return {
    'export.run': async ({ runId, format, names = null, path }, { progress, signal }) => {
      const store = session.require();
      const { name: runName } = requireTrainedRun(store, runId);
      progress('Starting the export', 0, 1);
      const { report } = await runComputeJob(
        launcher,
        {
          kind: 'export',
          detector: { runDirectory: store.runDirectory(runId) },
          runName,
          format,
          names,
          path,
          verifyWith: realPicture(store),
        },
        signal,
        (message) => {
          if (message.kind === 'progress') progress(message.label, message.done, message.total);
        },
      );
      return report;
    },
  };
}

/** One the detector was not trained on where there is one, and with objects where there is one; null in an empty project. */
function realPicture(store: ProjectStore): string | null {
  for (const split of ['val', 'test', 'train', null] as const) {
    const usable = store.imagesOfSplit(split).filter(({ problem }) => problem === null);
    const picture = usable.find(({ objects }) => objects.length > 0) ?? usable[0];
    if (picture) return picture.path;
  }
  return null;
}
