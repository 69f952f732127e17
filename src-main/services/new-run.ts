/** Adding a run: its row in the database and its folder, both or neither. */
import type { RunSummary } from '@core/experiment/run';
import type { ProjectStore, RunFiles, RunSnapshot } from './ports';

/**
 * A queued run whose snapshot is on disk.
 * @param prepared a folder beside the runs' that becomes this run's, or null for an empty one
 */
export async function addRun(
  store: ProjectStore,
  files: RunFiles,
  name: string,
  snapshot: RunSnapshot,
  prepared: string | null = null,
): Promise<RunSummary> {
  const { configuration, classNames, datasetHash } = snapshot;
  if (prepared !== null) await files.writeSnapshot(prepared, snapshot);
  const run = store.createRun({ name, configuration, classNames, datasetHash });
  const directory = store.runDirectory(run.id);
  try {
    if (prepared === null) await files.writeSnapshot(directory, snapshot);
    else await files.adopt(prepared, directory);
    return run;
  } catch (error) {
    store.removeRun(run.id);
    await files.remove(directory);
    throw error;
  }
}

/** Gives the work the path of a folder beside the runs', to fill and to hand to `addRun`; what is left of it is removed. */
export async function inPreparedFolder<T>(
  store: ProjectStore,
  files: RunFiles,
  work: (prepared: string) => Promise<T>,
): Promise<T> {
  const prepared = await files.prepare(store.directory);
  try {
    return await work(prepared);
  } finally {
    await files.remove(prepared);
  }
}
