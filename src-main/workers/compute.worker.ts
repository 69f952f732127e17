/**
 * The compute process: one job, then its end. Everything with tensors runs here, so that a crash of a native library or a
 * lack of memory ends this process and nothing else. Started by Electron's utilityProcess or by fork.
 */
import { setImmediate } from 'node:timers/promises';
import { StudioFailure, toStudioError } from '@core/contract/failure';
import { EngineError } from '../engine/engines-error';
import { listEngines, openEngine } from '../engine/engines';
import { answerPicture, loadRunDetector, predictImages, type LoadedDetector } from '../engine/predict-job';
import { loadCuda } from '../engine/engines-tensorflow';
import { train } from '../engine/train';
import type { ComputeJob, ComputeMessage, ComputeOrder, ComputeResult, DetectorPlace } from '../services/ports';
import { isTrainerAlive, removeTrainerPid, writeTrainerPid } from '../store/trainer-pid';
import type { JobContext, JobHandler } from './compute-job';
import { connectToParent } from './compute-parent';

const jobs: { readonly [K in ComputeJob['kind']]?: JobHandler<K> } = {
  train: async (job, context) => {
    requireUntrained(job.runDirectory);
    // Whoever else opens the project sees that this run is being trained.
    writeTrainerPid(job.runDirectory);
    try {
      return await train(job, ({ configuration }) => openEngine(configuration.engine), context, loaderScript());
    } finally {
      removeTrainerPid(job.runDirectory);
    }
  },
  predict: async (job, context) => {
    const detector = await loadDetector(job.detector);
    await predictImages(detector, job, context.send, async () => (await context.order()) !== null);
    const { classNames, step = null } = detector;
    return { kind: 'predict', classNames, step };
  },
  answers: async ({ detector, image }) => ({
    kind: 'answers',
    answered: await answerPicture(await loadDetector(detector), image),
  }),
  export: async (job, { send }) => {
    const { exportRun } = await import('../exchange/export-run');
    const progress = (label: string, done: number, total: number): void =>
      send({ kind: 'progress', label, done, total });
    return { kind: 'export', report: await exportRun(job, progress) };
  },
  'import-weights': async ({ source, target }, { send }) => {
    const { importWeights } = await import('../exchange/import-weights');
    const progress = (label: string, done: number, total: number): void =>
      send({ kind: 'progress', label, done, total });
    return { kind: 'import-weights', ...(await importWeights(source, target, progress)) };
  },
  engines: async () => ({ kind: 'engines', engines: await listEngines() }),
  measure: async ({ engine }, { send, order }) => {
    const { measureEngine } = await import('../engine/measure');
    const speed = await measureEngine(await openEngine(engine), {
      progress: (label, done, total) => send({ kind: 'progress', label, done, total }),
      cancelled: async () => (await order()) !== null,
    });
    return { kind: 'measure', speed };
  },
  'find-rate': async (job, { send, order }) => {
    const { findRate } = await import('../engine/find-rate');
    const host = { send, cancelled: async () => (await order()) !== null };
    return findRate(job, ({ configuration }) => openEngine(configuration.engine), host, loaderScript());
  },
  'load-cuda': async ({ folder }) => ({ kind: 'load-cuda', ...(await loadCuda(folder)) }),
};

const loaderScript = (): URL => new URL('./loader.mjs', import.meta.url);

/** Two trainers would write into one run by turns. */
function requireUntrained(runDirectory: string): void {
  if (!isTrainerAlive(runDirectory)) return;
  throw new StudioFailure(
    'busy',
    'This run is being trained by another window or command line.',
    'Pause or stop it there, or wait for its end.',
  );
}

async function loadDetector(place: DetectorPlace): Promise<LoadedDetector & { readonly step?: number }> {
  if ('runDirectory' in place) return loadRunDetector(place.runDirectory);
  const { readModelFile } = await import('../exchange/model-file');
  return readModelFile(place.modelFile);
}

const parent = connectToParent();
let order: ComputeOrder | null = null;

const context: JobContext = {
  send: (message) => parent.send(message),
  order: async () => {
    await setImmediate();
    return order;
  },
};

parent.onInput((input) => {
  if (input.kind === 'order') order = input.order;
  else void run(input.job).then(finish);
});
parent.onGone(() => (order ??= 'pause'));
// Ctrl-C in a terminal reaches every process of the group: the parent decides, and orders the end.
process.on('SIGINT', () => {});

async function run(job: ComputeJob): Promise<ComputeMessage> {
  try {
    const handler = jobs[job.kind] as ((job: ComputeJob, context: JobContext) => Promise<ComputeResult>) | undefined;
    if (!handler) return { kind: 'failed', message: `This build has no job "${job.kind}".` };
    return { kind: 'done', result: await handler(job, context) };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): ComputeMessage {
  if (error instanceof EngineError) {
    return { kind: 'failed', message: error.message, ...(error.help === null ? {} : { advice: error.help }) };
  }
  const { message, advice, details } = toStudioError(error);
  return { kind: 'failed', message, ...(advice && { advice }), ...(details && { details }) };
}

function finish(message: ComputeMessage): void {
  parent.send(message);
  parent.end(message.kind === 'done' ? 0 : 1);
}
