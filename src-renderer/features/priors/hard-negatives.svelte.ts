/** The hard negatives of the picture, asked of the newest run that was trained with these very default boxes. */
import type { HardNegativesAnswer } from '@core/contract/explain';
import { sameBoxes } from '@core/priors/named-boxes';
import type { RunSummary } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { runs } from '../../app/state/runs.svelte';
import { call } from '../../app/studio';

interface Setting {
  readonly network: NetworkChoice;
  readonly configuration: DefaultBoxConfiguration;
  readonly imageId: number | null;
  readonly wanted: boolean;
}

/** Made by a component: it follows what is shown while that lives. */
export class HardNegativesState {
  answer = $state.raw<HardNegativesAnswer | null>(null);
  pending = $state(false);
  problem = $state<string | null>(null);
  readonly #setting: () => Setting;
  /** Trained runs of the network, newest first. */
  readonly runs: readonly RunSummary[] = $derived.by(() => {
    const { network } = this.#setting();
    return runs.usable.filter((run) => sameNetwork(run.configuration.network, network));
  });
  /** The one whose default boxes are those on the screen. */
  readonly run: RunSummary | null = $derived.by(() => {
    const { configuration } = this.#setting();
    return this.runs.find((run) => sameBoxes(run.configuration.defaultBoxes, configuration)) ?? null;
  });
  #asked = 0;

  constructor(setting: () => Setting) {
    this.#setting = setting;
    $effect(() => {
      const { imageId, wanted } = setting();
      const runId = this.run?.id;
      this.answer = null;
      this.problem = null;
      this.pending = false;
      if (wanted && runId !== undefined && imageId !== null) void this.#ask(runId, imageId);
      else this.#asked++;
    });
  }

  async #ask(runId: number, imageId: number) {
    const asked = ++this.#asked;
    this.pending = true;
    try {
      const answer = await call('evaluation.hardNegatives', { runId, imageId, operationId: crypto.randomUUID() });
      if (asked === this.#asked) this.answer = answer;
    } catch (error) {
      if (asked === this.#asked) this.problem = error instanceof Error ? error.message : String(error);
    }
    if (asked === this.#asked) this.pending = false;
  }
}

const sameNetwork = (a: NetworkChoice, b: NetworkChoice): boolean =>
  a.architecture === b.architecture &&
  a.widthMultiplier === b.widthMultiplier &&
  a.input.width === b.input.width &&
  a.input.height === b.input.height;
