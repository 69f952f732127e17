import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { fewestBoxes, type DefaultBoxFit } from '@core/priors/fit-boxes';
import type { BoxesMeasure } from '@core/priors/measure-boxes';
import { networkKey, sameBoxes } from '@core/priors/named-boxes';
import { notices } from '../../app/state/notices.svelte';
import { project } from '../../app/state/project.svelte';
import type { BoxesState } from './boxes-state.svelte';
import type { FitClient, Fitting } from './fit-client';
import type { ObjectSets } from './fit-messages';
import { Latest } from './latest';

interface Suggestion {
  readonly network: NetworkChoice;
  readonly fit: DefaultBoxFit;
  /** What the person has made of it. */
  readonly edited: DefaultBoxConfiguration;
  /** Of what was edited; of an earlier edit while this is being worked out. */
  readonly after: BoxesMeasure;
}

/** Draws the sample of many objects: the same every time. */
const SEED = 1;

/** Default boxes suggested for the objects of train, while they are worked out and until a person takes or drops them. */
export class SuggestionState {
  /** Null: as many default boxes as there are now. */
  budget = $state<number | null>(null);
  freeScales = $state(false);
  perClass = $state(false);
  /** Of a fit under way, 0 to 1. */
  share = $state<number | null>(null);
  cancelling = $state(false);
  /** Seconds, by the pace so far. */
  secondsLeft = $state<number | null>(null);
  objects = $state.raw<{ readonly train: number; readonly val: number } | null>(null);
  #suggestion = $state.raw<Suggestion | null>(null);

  readonly #boxes: BoxesState;
  readonly #client: FitClient;
  readonly #measured: Latest<Suggestion, BoxesMeasure | null>;
  #fitting: Fitting | null = null;

  constructor(boxes: BoxesState, client: FitClient) {
    this.#boxes = boxes;
    this.#client = client;
    this.#measured = new Latest(async ({ network, edited, fit }) => {
      try {
        const question = { boxes: [{ network, configuration: edited }], objects: 'train', ...settingOf(fit) } as const;
        return (await client.measure(question))[0] ?? null;
      } catch (error) {
        notices.error('Measure the suggested boxes', error);
        return null;
      }
    });
  }

  /** The suggestion for the network that is looked at. */
  get current(): Suggestion | null {
    const suggestion = this.#suggestion;
    return suggestion && networkKey(suggestion.network) === networkKey(this.#boxes.network) ? suggestion : null;
  }

  /** The smallest budget that can be kept. */
  get fewest(): number {
    return fewestBoxes(this.#boxes.configuration, this.#boxes.maps);
  }

  /** Whether it is compared with other boxes than those there are now. */
  get outdated(): boolean {
    const { current } = this;
    return current !== null && !sameBoxes(current.fit.before.configuration, this.#boxes.configuration);
  }

  setObjects({ train, val }: ObjectSets) {
    this.objects = { train: train.x1.length, val: val.x1.length };
  }

  async start() {
    if (this.#fitting) return;
    const { network, configuration, boxes, matchingThreshold } = this.#boxes;
    const started = performance.now();
    this.#suggestion = null;
    this.share = 0;
    this.secondsLeft = null;
    this.#fitting = this.#client.fit(
      {
        network,
        options: {
          budget: Math.max(this.budget ?? boxes.total, this.fewest),
          from: configuration,
          matchingThreshold,
          freeScales: this.freeScales,
          perClass: this.perClass,
          seed: SEED,
          classes: classCount(),
        },
      },
      (share) => {
        this.share = share;
        const seconds = (performance.now() - started) / 1000;
        if (seconds > 2 && share > 0) this.secondsLeft = (seconds / share) * (1 - share);
      },
    );
    try {
      const fit = await this.#fitting.result;
      if (fit) this.#suggestion = { network, fit, edited: fit.after.configuration, after: fit.after };
    } catch (error) {
      notices.error('Suggest default boxes', error);
    }
    this.#fitting = null;
    this.share = null;
    this.cancelling = false;
  }

  cancel() {
    this.cancelling = true;
    this.#fitting?.cancel();
  }

  /** Another value in what was suggested; its numbers follow. */
  edit(edited: DefaultBoxConfiguration) {
    const { current } = this;
    if (!current) return;
    const next = { ...current, edited };
    this.#suggestion = next;
    this.#measured.put(next, (after) => {
      if (after && this.#suggestion?.fit === next.fit) this.#suggestion = { ...this.#suggestion, after };
    });
  }

  /** As it was suggested. */
  resetEdits() {
    const { current } = this;
    if (current) this.#suggestion = { ...current, edited: current.fit.after.configuration, after: current.fit.after };
  }

  /** One undoable change of the boxes. */
  accept() {
    const { current } = this;
    if (!current) return;
    this.#boxes.edit(current.edited);
    this.#suggestion = null;
  }

  drop() {
    this.#suggestion = null;
  }
}

const classCount = () => Math.max(1, project.classes.length);

const settingOf = ({ matchingThreshold }: DefaultBoxFit) => ({ matchingThreshold, classes: classCount() });
