import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import { SvelteMap } from 'svelte/reactivity';
import { call, listen } from '../studio';
import { notices } from './notices.svelte';

/** What a run has written so far. Replaced, never changed in place. */
export interface RunHistory {
  readonly metrics: readonly MetricRecord[];
  readonly validations: readonly ValidationRecord[];
  /** Of the training that is under way; null when unknown. */
  readonly secondsLeft: number | null;
}

const EMPTY: RunHistory = { metrics: [], validations: [], secondsLeft: null };

/** Adds records after those already known; records that come twice are dropped. */
function append<T extends { readonly step: number }>(known: readonly T[], more: readonly T[]): readonly T[] {
  const last = known[known.length - 1]?.step ?? -1;
  const fresh = more.filter((record) => record.step > last);
  return fresh.length ? [...known, ...fresh] : known;
}

/** Without what lies after a step, for a run that was set back to it. */
const upTo = (history: RunHistory, step: number): RunHistory => ({
  ...history,
  metrics: history.metrics.filter((record) => record.step <= step),
  validations: history.validations.filter((record) => record.step <= step),
});

/** The training runs of the open project and their live metrics. */
class Runs {
  list = $state.raw<readonly RunSummary[]>([]);
  loaded = $state(false);
  readonly #histories = new SvelteMap<number, RunHistory>();
  /** How often this window heard of a run being set back. */
  readonly #setBacks = new Map<number, number>();

  /** The run that trains now, if any. */
  readonly active = $derived(this.list.find((run) => run.state === 'running' || run.state === 'queued') ?? null);
  /** Runs that have weights to evaluate, detect with or export, newest first. */
  readonly usable = $derived(this.list.filter((run) => run.checkpointStep !== null));

  constructor() {
    listen('run.changed', (run) => {
      const others = this.list.filter((r) => r.id !== run.id);
      this.list = [...others, run].sort((a, b) => b.id - a.id);
    });
    listen('run.metrics', ({ runId, metrics, validations, secondsLeft, rolledBackTo = Infinity }) => {
      if (rolledBackTo < Infinity) this.#setBacks.set(runId, this.#setBacksOf(runId) + 1);
      const known = upTo(this.history(runId), rolledBackTo);
      this.#histories.set(runId, {
        metrics: append(known.metrics, metrics),
        validations: append(known.validations, validations),
        secondsLeft,
      });
    });
  }

  byId(id: number): RunSummary | null {
    return this.list.find((run) => run.id === id) ?? null;
  }

  history(runId: number): RunHistory {
    return this.#histories.get(runId) ?? EMPTY;
  }

  async load() {
    try {
      const list = await call('runs.list');
      this.list = [...list].sort((a, b) => b.id - a.id);
    } catch (error) {
      notices.error('List the runs', error);
    }
    this.loaded = true;
  }

  /** Reads what the run has written before this window listened. */
  async loadHistory(runId: number): Promise<void> {
    const setBacks = this.#setBacksOf(runId);
    const { metrics, validations } = await call('runs.metrics', { runId, afterStep: -1 });
    // What was read may be what has been discarded meanwhile.
    if (this.#setBacksOf(runId) !== setBacks) return this.loadHistory(runId);
    const live = this.history(runId);
    this.#histories.set(runId, {
      metrics: append(metrics, live.metrics),
      validations: append(validations, live.validations),
      secondsLeft: live.secondsLeft,
    });
  }

  async remove(runId: number) {
    await call('runs.remove', { runId });
    this.list = this.list.filter((run) => run.id !== runId);
    this.#histories.delete(runId);
  }

  #setBacksOf(runId: number): number {
    return this.#setBacks.get(runId) ?? 0;
  }

  clear() {
    this.list = [];
    this.loaded = false;
    this.#histories.clear();
  }
}

export const runs = new Runs();
