import type { RunSummary } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import { architecture } from '@core/network/zoo';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { BoxesMeasure } from '@core/priors/measure-boxes';
import { freeName, nameProblem, networkKey, type NamedBoxes } from '@core/priors/named-boxes';
import { presetDefaultBoxes } from '@core/priors/presets';
import { SvelteMap } from 'svelte/reactivity';
import { attempt, notices } from '../../app/state/notices.svelte';
import { project } from '../../app/state/project.svelte';
import { runs } from '../../app/state/runs.svelte';
import { call, StudioCallError } from '../../app/studio';
import type { BoxesState } from './boxes-state.svelte';
import type { FitClient } from './fit-client';
import { Latest } from './latest';

/** Default boxes that can be held against others. */
export interface ComparedBoxes {
  /** Stable: 'present', 'preset', 'named 3', 'run 2'. */
  readonly key: string;
  readonly label: string;
  readonly network: NetworkChoice;
  readonly configuration: DefaultBoxConfiguration;
  /** Of those kept under a name. */
  readonly named: NamedBoxes | null;
  /** Of those frozen in a run. */
  readonly run: RunSummary | null;
}

/** More curves in one plot cannot be told apart. */
export const MOST_COMPARED = 6;

/** Kept default boxes, those of runs, the preset and the present ones, and which of them are held against each other. */
export class CompareState {
  named = $state.raw<readonly NamedBoxes[]>([]);
  /** The one removed last, until it is put back or something else is done. */
  removed = $state.raw<NamedBoxes | null>(null);
  chosen = $state.raw<readonly string[]>(['preset', 'present']);
  /** Also those of other networks. */
  everyNetwork = $state(false);
  readonly #measures = new SvelteMap<string, BoxesMeasure>();
  readonly #asked: Latest<readonly ComparedBoxes[], void>;
  readonly #boxes: BoxesState;
  /** Counts up with the objects. */
  #objects = 0;

  readonly entries = $derived.by((): readonly ComparedBoxes[] => {
    const { network, configuration } = this.#boxes;
    const own = { network, named: null, run: null };
    const here = (other: NetworkChoice) => this.everyNetwork || networkKey(other) === networkKey(network);
    const presetLabel = `Preset of ${architecture(network.architecture).name}`;
    return [
      { key: 'present', label: 'Present', configuration, ...own },
      { key: 'preset', label: presetLabel, configuration: presetDefaultBoxes(network), ...own },
      ...this.named
        .filter((named) => here(named.network))
        .map((named) => ({ ...named, key: `named ${named.id}`, label: named.name, named, run: null })),
      ...runs.list
        .filter(({ configuration: { network: other } }) => here(other))
        .map((run) => ({
          key: `run ${run.id}`,
          label: `Run ${run.id}`,
          network: run.configuration.network,
          configuration: run.configuration.defaultBoxes,
          named: null,
          run,
        })),
    ];
  });
  /** In the order of the list. */
  readonly compared = $derived(this.entries.filter(({ key }) => this.chosen.includes(key)));
  /** Boxes of other networks that are not listed. */
  readonly elsewhere = $derived.by(() => {
    const key = networkKey(this.#boxes.network);
    const networks = [
      ...this.named.map(({ network }) => network),
      ...runs.list.map(({ configuration }) => configuration.network),
    ];
    return networks.filter((network) => networkKey(network) !== key).length;
  });

  constructor(boxes: BoxesState, client: FitClient) {
    this.#boxes = boxes;
    this.#asked = new Latest(async (entries) => {
      const objects = this.#objects;
      try {
        const measures = await client.measure({
          boxes: entries.map(({ network, configuration }) => ({ network, configuration })),
          objects: 'all',
          matchingThreshold: boxes.matchingThreshold,
          classes: Math.max(1, project.classes.length),
        });
        if (objects !== this.#objects) return;
        entries.forEach((entry, i) => this.#measures.set(this.#identity(entry), measures[i]));
      } catch (error) {
        notices.error('Compare the default boxes', error);
      }
    });
  }

  /** Null while it is worked out. */
  measureOf(entry: ComparedBoxes): BoxesMeasure | null {
    return this.#measures.get(this.#identity(entry)) ?? null;
  }

  /** Works out what is not known of the listed boxes. */
  measure() {
    const unknown = this.entries.filter((entry) => !this.#measures.has(this.#identity(entry)));
    if (unknown.length > 0) this.#asked.put(unknown, () => {});
  }

  /** Other objects: nothing that was measured holds any more. */
  forget() {
    this.#objects++;
    this.#measures.clear();
  }

  toggle(key: string) {
    if (this.chosen.includes(key)) this.chosen = this.chosen.filter((other) => other !== key);
    else if (this.compared.length < MOST_COMPARED) this.chosen = [...this.chosen, key];
  }

  async load() {
    await attempt('List the kept default boxes', async () => {
      this.named = await call('priors.named');
    });
  }

  /** Keeps boxes under a name. Returns why not when the name cannot be had. */
  async keep(
    name: string,
    { network, configuration }: Pick<ComparedBoxes, 'network' | 'configuration'>,
    replace: boolean,
  ) {
    const problem = nameProblem(name);
    if (problem) return problem;
    return this.#change('Keep the default boxes', async () => {
      const { id } = await call('priors.keep', { name, network, configuration, replace });
      this.chosen = [...this.chosen.filter((key) => key !== `named ${id}`), `named ${id}`].slice(-MOST_COMPARED);
    });
  }

  async duplicate(entry: ComparedBoxes) {
    const taken = this.named.filter(({ network }) => networkKey(network) === networkKey(entry.network));
    const name = freeName(
      entry.named ? entry.named.name : `Boxes of ${entry.label.replace(/^./, (first) => first.toLowerCase())}`,
      taken.map((other) => other.name),
    );
    await this.keep(name, entry, false);
  }

  async rename({ id }: NamedBoxes, name: string) {
    const problem = nameProblem(name);
    if (problem) return problem;
    return this.#change('Rename the default boxes', async () => void (await call('priors.rename', { id, name })));
  }

  async remove(named: NamedBoxes) {
    await this.#change('Remove the default boxes', async () => {
      await call('priors.remove', { id: named.id });
      this.chosen = this.chosen.filter((key) => key !== `named ${named.id}`);
    });
    this.removed = named;
  }

  async putBack() {
    const { removed } = this;
    if (removed) await this.keep(removed.name, removed, false);
  }

  /** Returns why it was refused when the name is taken; other failures become a notice. */
  async #change(title: string, work: () => Promise<void>): Promise<string | null> {
    try {
      await work();
      this.removed = null;
      notices.settle(title);
    } catch (error) {
      if (error instanceof StudioCallError && error.code === 'already-exists') return error.message;
      notices.error(title, error);
    }
    await this.load();
    return null;
  }

  #identity({ network, configuration }: ComparedBoxes): string {
    return JSON.stringify([networkKey(network), this.#boxes.matchingThreshold, configuration]);
  }
}
