/** A project of drawn shapes and small trainings in it, through the page's own door. */
import { randomUUID } from 'node:crypto';
import type { RunConfiguration, RunState } from '@core/experiment/run';
import { drawVocFolder } from '../support/voc-folder';
import { answerFolderDialog, ask, type Application } from './application';

/** A project with pictures that are not its own, in the home of this person. Its folder. */
export async function projectOfShapes(studio: Application, pictures: number): Promise<string> {
  const { path } = await drawVocFolder(pictures);
  await answerFolderDialog(studio, path);
  await ask(studio, 'dialogs.chooseFolder', { title: 'Choose' });
  const directory = await ask(studio, 'projects.suggestFolder', { name: 'Shapes' });
  await ask(studio, 'projects.create', { directory, name: 'Shapes', classes: [] });
  await ask(studio, 'import.start', { format: 'voc', from: path, operationId: randomUUID() });
  return directory;
}

export async function tinyConfiguration(
  studio: Application,
  steps: number,
  input = { width: 320, height: 240 },
): Promise<RunConfiguration> {
  const network = { architecture: 'slim320', widthMultiplier: 1, input } as const;
  const suggested = await ask(studio, 'training.suggest', { network });
  return { ...suggested, steps, batchSize: 2, checkpointEverySteps: 3, evaluateEverySteps: 0 };
}

export const runState = async (studio: Application, runId: number) => ask(studio, 'runs.get', { runId });
type Run = Awaited<ReturnType<typeof runState>>;

export async function until(
  studio: Application,
  runId: number,
  what: string,
  holds: (run: Run) => boolean,
): Promise<Run> {
  const deadline = Date.now() + 400_000;
  for (;;) {
    const run = await runState(studio, runId);
    if (holds(run)) return run;
    if (Date.now() > deadline || (run.state === 'failed' && what !== 'failed'))
      throw new Error(`run ${runId} is not ${what}: ${run.state} at step ${run.step}: ${run.message}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

export const reaches = (studio: Application, runId: number, state: RunState) =>
  until(studio, runId, state, (run) => run.state === state);

export const hasCheckpoint = (studio: Application, runId: number) =>
  until(studio, runId, 'at a checkpoint', (run) => run.checkpointStep !== null);
