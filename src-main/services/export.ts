/** Writing a trained detector as a file that runs elsewhere, and proving on a real picture that it computes the same. */
import { StudioFailure } from '@core/contract/failure';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import type { ComputeLauncher, ProjectStore } from './ports';
import { requireTrainedRun } from './runs';
import type { ProjectSession } from './session';

export function createExportHandlers(session: ProjectSession, launcher: ComputeLauncher): HandlersOf<'export.run'> {
  return {
    'export.run': async ({ runId, format, path }, { progress, signal }) => {
      const store = session.require();
      requireTrainedRun(store, runId);
      progress('Starting the export', 0, 1);
      const { report } = await runComputeJob(
        launcher,
        { kind: 'export', runDirectory: store.runDirectory(runId), format, path, verifyWith: realPicture(store) },
        signal,
        (message) => {
          if (message.kind === 'progress') progress(message.label, message.done, message.total);
        },
      );
      return report;
    },
  };
}

/** One the detector was not trained on where there is one, and with objects where there is one. */
function realPicture(store: ProjectStore): string {
  for (const split of ['val', 'test', 'train', null] as const) {
    const usable = store.imagesOfSplit(split).filter(({ problem }) => problem === null);
    const picture = usable.find(({ objects }) => objects.length > 0) ?? usable[0];
    if (picture) return picture.path;
  }
  throw new StudioFailure(
    'not-found',
    'There is no picture in this project to compare the exported file on.',
    'Import at least one picture.',
  );
}
