import type { RunSummary } from '@core/experiment/run';
import { router } from '../../app/route.svelte';
import { runs } from '../../app/state/runs.svelte';

/** The run that Evaluate, Detect and Export work with: chosen on one, the same on the others. */
class RunChoice {
  #id = $state<number | null>(null);

  /** The run of the address, else the one chosen last, else the newest that has weights. */
  readonly current: RunSummary | null = $derived(
    this.#usable(Number(router.parameters.run)) ?? this.#usable(this.#id) ?? runs.usable[0] ?? null,
  );

  constructor() {
    // A run that was looked at by its address, on Train too, stays chosen when the address no longer names it.
    $effect.root(() => {
      $effect(() => {
        const named = this.#usable(Number(router.parameters.run));
        if (named) this.#id = named.id;
      });
    });
  }

  choose(id: number) {
    this.#id = id;
    router.replace({ ...router.parameters, run: id });
  }

  #usable(id: number | null): RunSummary | null {
    return runs.usable.find((run) => run.id === id) ?? null;
  }
}

export const runChoice = new RunChoice();
