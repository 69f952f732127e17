import type { RunConfiguration } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import { call } from '../../app/studio';

/** The run that Train would start: what the project suggests, and what the person changed about it. */
export class NewRun {
  suggested = $state.raw<RunConfiguration | null>(null);
  changes = $state.raw<Partial<RunConfiguration>>({});
  /** Why there is no suggestion, or null. */
  problem = $state.raw<unknown>(null);
  /** Pictures of the train split that can be learned from; null until counted. */
  trainImages = $state<number | null>(null);
  readonly configuration: RunConfiguration | null = $derived(
    this.suggested ? { ...this.suggested, ...this.changes } : null,
  );
  #asked = 0;

  /** Asks for the settings of a network; what was changed stays changed. A later question overtakes an earlier one. */
  async suggest(network: NetworkChoice) {
    const asked = ++this.#asked;
    try {
      const [suggested, ids] = await Promise.all([
        call('training.suggest', { network }),
        call('images.ids', { filter: { split: 'train', labelled: true, problem: false } }),
      ]);
      if (asked !== this.#asked) return;
      this.suggested = suggested;
      this.trainImages = ids.length;
      this.problem = null;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.suggested = null;
      this.problem = error;
    }
  }

  change(change: Partial<RunConfiguration>) {
    this.changes = { ...this.changes, ...change };
  }

  reset() {
    this.changes = {};
  }
}
