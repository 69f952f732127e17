import type { EngineStatus } from '@core/contract/runs';
import { call } from '../studio';

/** What this machine can train on. The self-test takes seconds, so it is asked for once, after the first paint. */
class Engines {
  list = $state.raw<readonly EngineStatus[] | null>(null);
  /** Why the list could not be had, or null. */
  problem = $state<string | null>(null);
  readonly chosen = $derived(this.list?.find((engine) => engine.chosen) ?? null);

  load = () => this.#ask('engines.list');

  /** Tests them anew: a driver may have been installed meanwhile. */
  check = () => this.#ask('engines.check');

  async #ask(channel: 'engines.list' | 'engines.check') {
    try {
      this.problem = null;
      this.list = await call(channel);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

export const engines = new Engines();
