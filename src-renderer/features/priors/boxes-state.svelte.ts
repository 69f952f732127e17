import type { AugmentConfiguration } from '@core/augment/configuration';
import type { ObjectColumns } from '@core/contract/images';
import type { NetworkChoice } from '@core/network/description';
import { buildNetwork } from '@core/network/zoo';
import { sourceMaps } from '@core/network/shapes';
import { type DefaultBoxConfiguration, boxesPerCell } from '@core/priors/configuration';
import { type DefaultBoxes, generateDefaultBoxes } from '@core/priors/generate';
import { sameBoxes } from '@core/priors/named-boxes';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { ScaleRange } from '@core/priors/scales';
import { networkChoice } from '../../app/state/network-choice.svelte';
import { notices } from '../../app/state/notices.svelte';
import { call } from '../../app/studio';
import { type BoxSettings, startSettings, withConfiguration, withMapFree, withRule, withScale } from './box-settings';
import { CoverageClient } from './coverage-client';
import type { CoverageQuestion, Fit } from './coverage-messages';
import { gridsOf } from './grid';
import type { SizeRule } from './links';
import { change, endGesture, type History, redo, startHistory, undo } from './history';

const SAVE_AFTER_MILLISECONDS = 500;

/** How the boxes fit the project, and the objects and boxes that this is said of. */
export interface ProjectFit extends Fit {
  readonly objects: ObjectColumns;
  readonly boxes: DefaultBoxes;
}

/** The default boxes of the chosen network while they are looked at and changed. */
export class BoxesState {
  /** The network that the history belongs to. */
  network = $state.raw<NetworkChoice>(networkChoice.current);
  history = $state.raw<History<BoxSettings>>(startHistory(startSettings(networkChoice.current)));
  /** False until the saved boxes of the network are read. */
  loaded = $state(false);
  fit = $state.raw<ProjectFit | null>(null);
  /** While the fit is looked at as training sees the objects: what it varies about their pictures. */
  augment = $state.raw<AugmentConfiguration | null>(null);
  saved = $state(true);

  readonly maps = $derived.by(() => {
    const counts = this.configuration.sources.map(boxesPerCell);
    return sourceMaps(buildNetwork(this.network, 2, counts));
  });
  readonly boxes = $derived(generateDefaultBoxes(this.configuration, this.network.input, this.maps));
  readonly grids = $derived(gridsOf(this.configuration, this.network.input, this.maps));
  readonly isPreset = $derived(sameBoxes(this.configuration, presetDefaultBoxes(this.network)));

  readonly #client = new CoverageClient((error) => notices.error('Compare the boxes with the objects', error));
  /** As the project has them. */
  #stored: BoxSettings = this.history.present;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #objects: ObjectColumns | null = null;
  #loading = 0;
  /** Where the sliders started, so that a long drag does not add up rounding. */
  #dragged: BoxSettings | null = null;

  /** Not a derived value: saving still reads it when the screen, and what it derives, is gone. */
  get configuration(): DefaultBoxConfiguration {
    return this.history.present.configuration;
  }

  get matchingThreshold(): number {
    return this.history.present.matchingThreshold;
  }

  /** Reads the saved boxes of a network; the preset where none are saved. */
  async load(network: NetworkChoice) {
    await this.flush();
    const loading = ++this.#loading;
    this.loaded = false;
    const preset = startSettings(network);
    let settings = preset;
    try {
      const [saved, threshold] = await Promise.all([
        call('priors.load', { network }),
        call('priors.loadThreshold', { network }),
      ]);
      const fits = saved?.sources.length === preset.configuration.sources.length;
      settings = startSettings(network, fits ? saved : null, threshold);
    } catch (error) {
      notices.error('Read the default boxes of this project', error);
    }
    if (loading !== this.#loading) return;
    this.network = network;
    this.history = startHistory(settings);
    this.#stored = settings;
    this.fit = null;
    this.loaded = true;
    this.#cover();
  }

  setObjects(objects: ObjectColumns) {
    this.#objects = objects;
    this.#client.setObjects(objects);
    this.#cover();
  }

  edit(configuration: DefaultBoxConfiguration, gesture: string | null = null) {
    const { present } = this.history;
    this.#become(change(this.history, withConfiguration(present, configuration, this.network.input), gesture));
  }

  /** How the sizes of the maps hang together. */
  get link() {
    return this.history.present.link;
  }

  setRule(rule: SizeRule) {
    this.#become(change(this.history, withRule(this.history.present, rule, this.network.input)));
  }

  setMapFree(source: number, free: boolean) {
    this.#become(change(this.history, withMapFree(this.history.present, source, free, this.network.input)));
  }

  /** A slider's movement; call `settle` when the hand lets go. */
  dragThreshold(matchingThreshold: number) {
    this.#become(change(this.history, { ...this.history.present, matchingThreshold }, 'threshold'));
  }

  /** Moves one of the two scales; call `settle` when the hand lets go. */
  dragScale(scale: keyof ScaleRange, value: number) {
    this.#dragged ??= this.history.present;
    this.#become(change(this.history, withScale(this.#dragged, scale, value, this.network.input), scale));
  }

  settle() {
    this.#dragged = null;
    this.history = endGesture(this.history);
  }

  undo() {
    this.#become(undo(this.history));
  }
  redo() {
    this.#become(redo(this.history));
  }

  resetToPreset() {
    const { matchingThreshold } = this;
    this.#become(change(this.history, startSettings(this.network, null, matchingThreshold)));
  }

  /** Looks at the objects as training with this augmentation sees them, too; null: only as they are. */
  seeAsTraining(augment: AugmentConfiguration | null) {
    this.augment = augment;
    this.#cover();
  }

  /** How many of the project's objects other configurations would reach. */
  tryOut(configurations: readonly DefaultBoxConfiguration[]): Promise<readonly number[]> {
    const { network, maps, matchingThreshold: threshold } = this;
    return this.#client.tryOut({ network, maps, threshold, configurations });
  }

  /** Saves now what waits to be saved. */
  async flush() {
    clearTimeout(this.#saveTimer);
    if (this.saved) return;
    const { network } = this;
    const settings = this.history.present;
    const { configuration, matchingThreshold: threshold } = settings;
    const before = this.#stored;
    try {
      if (configuration !== before.configuration) await call('priors.save', { network, configuration });
      if (threshold !== before.matchingThreshold) await call('priors.saveThreshold', { network, threshold });
      if (network === this.network) this.#stored = settings;
      if (settings === this.history.present) this.saved = true;
    } catch (error) {
      notices.error('Save the default boxes', error);
    }
  }

  close() {
    // What is still being read has nobody to show it to.
    this.#loading++;
    void this.flush();
    this.#client.close();
  }

  #become(history: History<BoxSettings>) {
    if (history.present === this.history.present) {
      this.history = history;
      return;
    }
    this.history = history;
    this.saved = false;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.flush(), SAVE_AFTER_MILLISECONDS);
    this.#cover();
  }

  #question(): CoverageQuestion {
    const { network, maps, configuration, matchingThreshold: threshold, augment } = this;
    return { network, maps, configuration, threshold, augment };
  }

  #cover() {
    const objects = this.#objects;
    if (!this.loaded || !objects) return;
    const { boxes, network } = this;
    this.#client.cover(this.#question(), (fit) => {
      if (network === this.network && objects === this.#objects) this.fit = { ...fit, objects, boxes };
    });
  }
}
