/**
 * Runs that another process trained when the project was opened: a command line, or the trainer of a window that crashed and
 * now winds down. When such a process is gone without having said how its run ended, the run is interrupted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from './operations';
import type { ProjectStore, RunFiles } from './ports';
import { markInterruptedRuns } from './training-supervisor';

const EVERY_MILLISECONDS = 1_000;

export async function watchRunsElsewhere(
  store: ProjectStore,
  runIds: readonly number[],
  files: RunFiles,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const waiting = new Set(runIds);
  const gone = new Set<number>();
  while (waiting.size > 0) {
    await delay(EVERY_MILLISECONDS, undefined, { signal });
    for (const id of waiting) {
      const directory = store.runDirectory(id);
      if (files.isTrainerAlive(directory)) continue;
      // Its owner writes the end of the run right after: give it one round.
      if (!gone.has(id)) {
        gone.add(id);
        continue;
      }
      waiting.delete(id);
      markInterruptedRuns(store, (other) => other !== directory);
      const run = store.run(id);
      if (run !== null) emit('run.changed', run);
    }
  }
}
