import type { ObjectChange } from '@core/contract/images';
import { call } from '../studio';
import { project } from './project.svelte';

interface Edit {
  /** Of the project that the picture belongs to: edits never reach another one. */
  readonly directory: string;
  readonly imageId: number;
  readonly changes: readonly ObjectChange[];
}

const KEY = 'unsaved edits';

function kept(): readonly Edit[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? (value as Edit[]) : [];
  } catch {
    return [];
  }
}

/**
 * Labelling edits on their way into the database: one after the other, in the order they were made, whichever picture is shown.
 * Edits that could not be saved stay queued, survive a restart, and are sent again on request or with the next edit.
 */
class Saves {
  #queue = $state.raw<readonly Edit[]>(kept());
  #sending = $state(false);
  problem = $state.raw<unknown>(null);
  #idle: (() => void)[] = [];

  readonly #mine = $derived(this.#queue.filter((edit) => edit.directory === project.info?.directory));
  readonly waiting: number = $derived(this.#mine.length);
  readonly state: 'saved' | 'saving' | 'failed' = $derived(
    this.problem !== null || (this.#mine.length > 0 && !this.#sending)
      ? 'failed'
      : this.#mine.length
        ? 'saving'
        : 'saved',
  );

  add(imageId: number, changes: readonly ObjectChange[]) {
    const directory = project.info?.directory;
    if (!directory || !changes.length) return;
    this.#queue = [...this.#queue, { directory, imageId, changes }];
    void this.send();
  }

  /** Sends what waits; also the "Try again" of a failure. */
  async send() {
    if (this.#sending) return;
    this.#sending = true;
    this.problem = null;
    try {
      for (let edit = this.#mine[0]; edit; edit = this.#mine[0]) {
        await call('annotate.apply', { imageId: edit.imageId, changes: [...edit.changes] });
        const sent = edit;
        this.#queue = this.#queue.filter((other) => other !== sent);
      }
      if (localStorage.getItem(KEY)) this.#keep();
      project.refreshSoon();
    } catch (error) {
      this.problem = error;
      this.#keep();
    } finally {
      this.#sending = false;
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when nothing is being sent any more: before another project is opened. */
  async settled() {
    if (this.#sending) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** True while closing the window would cut an edit off. */
  get busy(): boolean {
    return this.#sending;
  }

  #keep() {
    if (this.#queue.length) localStorage.setItem(KEY, JSON.stringify(this.#queue));
    else localStorage.removeItem(KEY);
  }
}

export const saves = new Saves();
