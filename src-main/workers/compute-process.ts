/**
 * The compute process: one job, then its end. Everything with tensors runs here, so that a crash of a native library or a
 * lack of memory ends this process and nothing else.
 */
import { StudioFailure, toStudioError } from '@core/contract/failure';
import type { EngineChoice } from '@core/experiment/run';
import { EngineError, OpensElsewhere } from '../engine/engines-error';
import { listEngines, openEngine, reportWebGpu, type Engine } from '../engine/engines';
import { answerPicture, loadRunDetector, predictImages, type LoadedDetector } from '../engine/predict-job';
import { loadCuda } from '../engine/engines-tensorflow';
import { train } from '../engine/train';
import type { PictureSource } from '../images/picture-source';
import type {
  ComputeInput,
  ComputeJob,
  ComputeMessage,
  ComputeOrder,
  ComputeResult,
  DetectorPlace,
  WebGpuReport,
} from '../services/ports';
import { isTrainerAlive, removeTrainerPid, writeTrainerPid } from '../store/trainer-pid';
import type { ComputeParent } from './compute-parent';

/** What a job is given. */
interface JobContext {
  readonly pictures: PictureSource;
  /** As the job's parent said it. */
  readonly webgpu: WebGpuReport | null;
  /** For a job that another process may take over. */
  openEngine(choice: EngineChoice): Promise<Engine>;
  send(message: Exclude<ComputeMessage, { kind: 'done' | 'failed' }>): void;
  /** Lets waiting orders arrive and tells the newest, null while there is none. A parent that has gone counts as 'pause'. */
  order(): Promise<ComputeOrder | null>;
}

type JobHandler<K extends ComputeJob['kind']> = (
  job: Extract<ComputeJob, { kind: K }>,
  context: JobContext,
) => Promise<Extract<ComputeResult, { kind: K }>>;

const jobs: { readonly [K in ComputeJob['kind']]: JobHandler<K> } = {
  train: async (job, context) => {
    requireUntrained(job.runDirectory);
    // Whoever else opens the project sees that this run is being trained.
    writeTrainerPid(job.runDirectory);
    try {
      return await train(
        job,
        ({ configuration }) => context.openEngine(configuration.engine),
        context,
        context.pictures,
      );
    } finally {
      removeTrainerPid(job.runDirectory);
    }
  },
  predict: async (job, { pictures, send, ...context }) => {
    const engine = await context.openEngine('auto');
    const detector = await loadDetector(job.detector);
    await predictImages(detector, engine, pictures, job, send, async () => (await context.order()) !== null);
    const { classNames, step = null } = detector;
    return { kind: 'predict', classNames, step };
  },
  // One picture is found sooner than another process is there.
  answers: async ({ detector, image }, { pictures }) => ({
    kind: 'answers',
    answered: await answerPicture(await loadDetector(detector), await openEngine('auto'), pictures, image),
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
  engines: async (_, { webgpu }) => ({ kind: 'engines', engines: await listEngines(webgpu) }),
  webgpu: async () => ({ kind: 'webgpu', report: await reportWebGpu() }),
  measure: async ({ engine }, { send, order, ...context }) => {
    const { measureEngine } = await import('../engine/measure');
    const speed = await measureEngine(await context.openEngine(engine), {
      progress: (label, done, total) => send({ kind: 'progress', label, done, total }),
      cancelled: async () => (await order()) !== null,
    });
    return { kind: 'measure', speed };
  },
  'find-rate': async (job, { pictures, send, order, ...context }) => {
    const { findRate } = await import('../engine/find-rate');
    const host = { send, cancelled: async () => (await order()) !== null };
    return findRate(job, ({ configuration }) => context.openEngine(configuration.engine), host, pictures);
  },
  'load-cuda': async ({ folder }) => ({ kind: 'load-cuda', ...(await loadCuda(folder)) }),
};

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

/**
 * Does the job that the parent gives and ends.
 * @param open the engine for a job that another process may take over
 */
export function serveJob(
  parent: ComputeParent,
  pictures: PictureSource,
  open: (choice: EngineChoice, webgpu: WebGpuReport | null) => Promise<Engine> = openEngine,
): void {
  let order: ComputeOrder | null = null;
  parent.onInput((input) => {
    if (input.kind === 'order') order = input.order;
    else void start(input).then(finish);
  });
  parent.onGone(() => (order ??= 'pause'));
  // Ctrl-C in a terminal reaches every process of the group: the parent decides, and orders the end.
  process.on('SIGINT', () => {});

  function start({ job, webgpu }: Extract<ComputeInput, { kind: 'job' }>): Promise<ComputeMessage> {
    return run(job, {
      pictures,
      webgpu: webgpu ?? null,
      openEngine: (choice) => open(choice, webgpu ?? null),
      send: (message) => parent.send(message),
      order: async () => {
        // The one of node:timers/promises does not wake the loop of a page.
        await new Promise((done) => setImmediate(done));
        return order;
      },
    });
  }

  function finish(message: ComputeMessage): void {
    parent.send(message);
    parent.end(message.kind === 'failed' ? 1 : 0);
  }
}

async function run(job: ComputeJob, context: JobContext): Promise<ComputeMessage> {
  try {
    const handler = jobs[job.kind] as (job: ComputeJob, context: JobContext) => Promise<ComputeResult>;
    return { kind: 'done', result: await handler(job, context) };
  } catch (error) {
    return error instanceof OpensElsewhere ? { kind: 'elsewhere' } : failed(error);
  }
}

function failed(error: unknown): ComputeMessage {
  if (error instanceof EngineError) {
    return { kind: 'failed', message: error.message, ...(error.help === null ? {} : { advice: error.help }) };
  }
  const { message, advice, details } = toStudioError(error);
  return { kind: 'failed', message, ...(advice && { advice }), ...(details && { details }) };
}
