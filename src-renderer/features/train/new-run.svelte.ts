import type { RunConfiguration, RunStart } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import { networkKey, type NamedBoxes } from '@core/priors/named-boxes';
import { presetDefaultBoxes } from '@core/priors/presets';
import { call } from '../../app/studio';
import { StartChoice } from '../weights/start-choice.svelte';

/** Default boxes of a run: those that the project suggests, the network's preset, or those kept under a name, by their id. */
export type BoxesChoice = 'suggested' | 'preset' | number;

/** The run that Train would start: what the project suggests, and what the person changed about it. */
export class NewRun {
  suggested = $state.raw<RunConfiguration | null>(null);
  changes = $state.raw<Partial<RunConfiguration>>({});
  /** What the suggestion is for. */
  suggestedStart = $state.raw<RunStart | null>(null);
  /** Why there is no suggestion, or null. */
  problem = $state.raw<unknown>(null);
  /** Pictures of the train split that can be learned from; null until counted. */
  trainImages = $state<number | null>(null);
  /** Kept for the network that is suggested for. */
  named = $state.raw<readonly NamedBoxes[]>([]);
  /** Whether the project has boxes of its own in use for the network: they are then what is suggested. */
  boxesInUse = $state(false);
  #boxes = $state<BoxesChoice>('suggested');
  readonly configuration: RunConfiguration | null = $derived.by(() => {
    const { suggested } = this;
    return suggested && { ...suggested, ...this.changes, ...this.#boxesOf(suggested) };
  });
  readonly changed = $derived(Object.keys(this.changes).length > 0 || this.boxes !== 'suggested');
  #asked = 0;

  get boxes(): BoxesChoice {
    const choice = this.#boxes;
    return typeof choice !== 'number' || this.named.some(({ id }) => id === choice) ? choice : 'suggested';
  }
  set boxes(choice: BoxesChoice) {
    this.#boxes = choice;
  }

  /** Asks for the settings of a network and a start; what was changed stays changed. A later question overtakes an earlier one. */
  async suggest(network: NetworkChoice, start: RunStart) {
    const asked = ++this.#asked;
    try {
      const [suggested, named, inUse, ids] = await Promise.all([
        call('training.suggest', { network, start }),
        call('priors.named'),
        call('priors.load', { network }),
        call('images.ids', { filter: { split: 'train', labelled: true, problem: false } }),
      ]);
      if (asked !== this.#asked) return;
      this.suggested = suggested;
      this.suggestedStart = start;
      this.named = named.filter((each) => networkKey(each.network) === networkKey(network));
      this.boxesInUse = inUse !== null;
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
    this.boxes = 'suggested';
  }

  #boxesOf({ network }: RunConfiguration): Partial<RunConfiguration> {
    if (this.boxes === 'preset') return { defaultBoxes: presetDefaultBoxes(network) };
    const named = this.named.find(({ id }) => id === this.boxes);
    return named ? { defaultBoxes: named.configuration, boxesName: named.name } : {};
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
  // In a root of its own: what a screen makes and derives ends with that screen.
  let made!: Draft;
  $effect.root(() => {
    made = { newRun: new NewRun(), start: new StartChoice() };
  });
  drafts.set(directory, made);
  return made;
}
