/**
 * The one training that may run at a time: launched, listened to, ordered to pause or stop, and its run kept true in the
 * database whatever happens to its process.
 */
import { StudioFailure } from '@core/contract/failure';
import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import { describeExit } from './compute-jobs';
import type { Emit } from './operations';
import type { ComputeHandle, ComputeLauncher, ComputeMessage, ProjectStore } from './ports';

/** Metrics go to the window at most this often. */
const RELAY_MILLISECONDS = 100;
/** The step of a run, which metrics carry too, for those who only look at runs. */
const SHOW_STEP_MILLISECONDS = 1_000;

interface Training {
  readonly runId: number;
  readonly store: ProjectStore;
  readonly handle: ComputeHandle;
  readonly ended: Promise<void>;
  /** The last step heard of; the database learns it at checkpoints. */
  step: number;
  pending: { metrics: MetricRecord[]; validations: ValidationRecord[]; secondsLeft: number | null };
  relayTimer: NodeJS.Timeout | null;
  /** When its step was last shown to those who listen to runs only. */
  shownAt: number;
}

export class TrainingSupervisor {
  #training: Training | null = null;
  /** What is done instead of a training, by its name. */
  #beside: string | null = null;

  constructor(
    private readonly launcher: ComputeLauncher,
    private readonly emit: Emit,
  ) {}

  /** Throws 'busy' while a training runs, or what must not run beside one. */
  requireIdle(): void {
    if (this.#beside !== null) {
      throw new StudioFailure('busy', `${this.#beside} is under way.`, 'Cancel it, or wait for its end.');
    }
    if (this.#training === null) return;
    const { name } = this.#training.store.run(this.#training.runId) ?? { name: 'A run' };
    throw new StudioFailure(
      'busy',
      `${name} is being trained.`,
      'Pause or stop it first: one training runs at a time.',
    );
  }

  /** Does work beside which nothing may be trained. Throws 'busy'. */
  async exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.requireIdle();
    this.#beside = name;
    try {
      return await work();
    } finally {
      this.#beside = null;
    }
  }

  isTraining(runId: number): boolean {
    return this.#training?.runId === runId;
  }

  /** A run as it stands now: the step of a running one is newer than the database's. */
  live(run: RunSummary): RunSummary {
    const training = this.#training;
    return training?.runId === run.id && training.step > run.step ? { ...run, step: training.step } : run;
  }

  /** Starts or continues a run whose snapshot is on disk. */
  launch(store: ProjectStore, runId: number, resume: boolean): RunSummary {
    this.requireIdle();
    // One that starts again from the beginning has its checkpoints removed.
    const forgotten = resume ? {} : { step: 0, checkpointStep: null, bestStep: null, meanAveragePrecision: null };
    const run = store.updateRun(runId, { state: 'running', message: null, ...forgotten });
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const training: Training = {
      runId,
      store,
      ended,
      step: run.step,
      pending: { metrics: [], validations: [], secondsLeft: null },
      relayTimer: null,
      shownAt: -Infinity,
      handle: this.launcher.launch(
        { kind: 'train', runDirectory: store.runDirectory(runId), resume },
        {
          message: (message) => this.#receive(training, message, end),
          exit: (code) => this.#exited(training, code, end),
        },
      ),
    };
    this.#training = training;
    this.emit('run.changed', run);
    return run;
  }

  /** Both end the training at a checkpoint; the run changes its state when it is there. */
  order(runId: number, order: 'pause' | 'stop'): void {
    if (this.#training?.runId !== runId) throw new StudioFailure('bad-request', 'This run is not being trained.');
    this.#training.handle.order(order);
  }

  /** A paused or interrupted run that nobody wants to continue. */
  markStopped(store: ProjectStore, runId: number): void {
    this.emit('run.changed', store.updateRun(runId, { state: 'stopped', message: null }));
  }

  /** Pauses what runs and waits for it, killing it after a while; then nothing runs. */
  async pauseAndWait(milliseconds: number): Promise<void> {
    const training = this.#training;
    if (training === null) return;
    training.handle.order('pause');
    const timer = setTimeout(() => training.handle.kill(), milliseconds);
    await training.ended;
    clearTimeout(timer);
  }

  #receive(training: Training, message: ComputeMessage, end: () => void): void {
    if (this.#training !== training) return;
    const { store, runId } = training;
    switch (message.kind) {
      case 'ready':
        this.emit('run.changed', store.updateRun(runId, { engine: message.engine }));
        return;
      case 'progress':
        this.emit('operation.progress', {
          operationId: `run-${runId}`,
          label: message.label,
          done: message.done,
          total: message.total,
          secondsLeft: null,
        });
        return;
      case 'metrics':
        this.#collect(training, message);
        return;
      case 'warning':
        this.emit('run.changed', store.updateRun(runId, { message: message.message }));
        return;
      case 'checkpoint':
        training.step = Math.max(training.step, message.step);
        this.emit('run.changed', store.updateRun(runId, { checkpointStep: message.step, step: training.step }));
        return;
      case 'best': {
        const { step: bestStep, meanAveragePrecision } = message;
        this.emit('run.changed', store.updateRun(runId, { bestStep, meanAveragePrecision }));
        return;
      }
      case 'rollback':
        this.#relay(training);
        training.step = message.step;
        this.emit('run.metrics', {
          runId,
          metrics: [],
          validations: [],
          secondsLeft: null,
          rolledBackTo: message.step,
        });
        this.emit(
          'run.changed',
          store.updateRun(runId, { step: message.step, checkpointStep: message.step, message: message.message }),
        );
        return;
      case 'done':
        if (message.result.kind !== 'train') return;
        this.#end(training, end, {
          state: message.result.ended,
          step: message.result.step,
          checkpointStep: message.result.step,
          ...(message.result.endedEarly === null ? {} : { message: message.result.endedEarly }),
        });
        return;
      case 'failed':
        this.#end(training, end, {
          state: 'failed',
          step: training.step,
          message: message.advice ? `${message.message} ${message.advice}` : message.message,
        });
        return;
      case 'prediction':
      case 'rate':
        return;
    }
  }

  #collect(training: Training, message: Extract<ComputeMessage, { kind: 'metrics' }>): void {
    const { pending } = training;
    pending.metrics.push(...message.metrics);
    pending.validations.push(...message.validations);
    pending.secondsLeft = message.secondsLeft;
    training.step = Math.max(training.step, ...message.metrics.map(({ step }) => step));
    training.relayTimer ??= setTimeout(() => this.#relay(training), RELAY_MILLISECONDS);
  }

  #relay(training: Training): void {
    if (training.relayTimer !== null) clearTimeout(training.relayTimer);
    training.relayTimer = null;
    const { metrics, validations, secondsLeft } = training.pending;
    if (metrics.length === 0 && validations.length === 0) return;
    training.pending = { metrics: [], validations: [], secondsLeft };
    this.emit('run.metrics', { runId: training.runId, metrics, validations, secondsLeft });
    const now = performance.now();
    const run = training.store.run(training.runId);
    if (run === null || now - training.shownAt < SHOW_STEP_MILLISECONDS) return;
    training.shownAt = now;
    this.emit('run.changed', this.live(run));
  }

  #exited(training: Training, code: number | null, end: () => void): void {
    if (this.#training !== training) return;
    this.#end(training, end, {
      state: 'interrupted',
      step: training.step,
      message: interruption(
        training.store.run(training.runId),
        `The training process ended unexpectedly${describeExit(code)}.`,
      ),
    });
  }

  #end(training: Training, end: () => void, change: Parameters<ProjectStore['updateRun']>[1]): void {
    this.#relay(training);
    this.#training = null;
    this.emit('run.changed', training.store.updateRun(training.runId, change));
    end();
  }
}

/**
 * A run that the database calls running while no process trains it: the application ended in the middle. `isTrainerAlive`
 * tells whether a process, perhaps of another window or command line, is training into a run's folder; those runs are
 * returned.
 */
export function markInterruptedRuns(
  store: ProjectStore,
  isTrainerAlive: (runDirectory: string) => boolean,
): readonly number[] {
  const trainedElsewhere: number[] = [];
  for (const run of store.runs()) {
    if (run.state !== 'running' && run.state !== 'queued') continue;
    if (isTrainerAlive(store.runDirectory(run.id))) {
      trainedElsewhere.push(run.id);
      continue;
    }
    store.updateRun(run.id, {
      state: 'interrupted',
      message: interruption(run, 'The application ended while this run was being trained.'),
    });
  }
  return trainedElsewhere;
}

function interruption(run: RunSummary | null, reason: string): string {
  return run?.checkpointStep == null
    ? `${reason} There was no checkpoint yet: Continue starts it again.`
    : `${reason} Continue goes on from step ${run.checkpointStep}.`;
}
