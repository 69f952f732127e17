/** Long operations that run now: their progress events, at most ten a second, and their cancellation. */
import { StudioFailure } from '@core/contract/failure';
import type { EventName, StudioEvents } from '@core/contract/events';
import type { Progress } from './ports';

/** Pushes an event to whoever listens: the window under Electron, standard error on the command line. */
export type Emit = <E extends EventName>(event: E, payload: StudioEvents[E]) => void;

export interface OperationContext {
  readonly progress: Progress;
  /** Aborted by operations.cancel and when the host shuts down. */
  readonly signal: AbortSignal;
}

const MIN_INTERVAL_MS = 100;

export class Operations {
  readonly #running = new Map<string, AbortController>();

  constructor(
    private readonly emit: Emit,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Without an id the operation has no progress events and cannot be cancelled. Throws 'busy' when the id is running already. */
  begin(operationId: string | null): OperationContext & { end(): void } {
    const controller = new AbortController();
    if (operationId === null) return { progress: () => {}, signal: controller.signal, end: () => {} };
    if (this.#running.has(operationId)) {
      throw new StudioFailure('busy', `An operation named ${operationId} is running already.`);
    }
    this.#running.set(operationId, controller);
    return {
      progress: this.#progress(operationId),
      signal: controller.signal,
      end: () => this.#running.delete(operationId),
    };
  }

  cancel(operationId: string): void {
    this.#running.get(operationId)?.abort();
  }

  cancelAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  /** Emits the first and last report of a stage and at most ten a second between; the time left from the stage's mean speed. */
  #progress(operationId: string): Progress {
    let stage = '';
    let startedAt = 0;
    let firstDone = 0;
    let lastAt = -Infinity;
    return (label, done, total) => {
      const at = this.now();
      if (label !== stage) {
        stage = label;
        startedAt = at;
        firstDone = done;
        lastAt = -Infinity;
      }
      if (done < total && at - lastAt < MIN_INTERVAL_MS) return;
      lastAt = at;
      const seconds = (at - startedAt) / 1000;
      const advanced = done - firstDone;
      const secondsLeft = advanced > 0 && seconds > 0.5 ? ((total - done) * seconds) / advanced : null;
      this.emit('operation.progress', { operationId, label, done, total, secondsLeft });
    };
  }
}
