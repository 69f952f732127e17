import type { RunConfiguration } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import { call } from '../../app/studio';
import { StartChoice } from '../weights/start-choice.svelte';

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

interface Draft {
  readonly newRun: NewRun;
  readonly start: StartChoice;
}

const drafts = new Map<string, Draft>();

/** What is set for the next run of the project in this folder: it outlives the screen, and comes back with the project. */
export function draftOf(directory: string): Draft {
  const known = drafts.get(directory);
  if (known) return known;
  const made = { newRun: new NewRun(), start: new StartChoice() };
  drafts.set(directory, made);
  return made;
}
