import { type Command, type LabellingDocument } from '@core/annotate/document';
import { type Labelling, type Step, begin, perform, redo, undo } from '@core/annotate/history';
import type { ProjectImage } from '@core/dataset/model';
import { SvelteMap } from 'svelte/reactivity';
import { saves } from '../../app/state/saves.svelte';
import { call } from '../../app/studio';

/** What was looked at in this session: the pictures, and per picture the document with its history. */
class Sessions {
  #directory: string | null = null;
  readonly #images = new SvelteMap<number, ProjectImage>();
  readonly #labellings = new SvelteMap<number, Labelling>();

  /** Forgets the pictures of another project. */
  enter(directory: string) {
    if (directory === this.#directory) return;
    this.#directory = directory;
    this.#images.clear();
    this.#labellings.clear();
  }

  image(id: number): ProjectImage | undefined {
    return this.#images.get(id);
  }
  labelling(id: number): Labelling | undefined {
    return this.#labellings.get(id);
  }

  /** Fetches a picture unless it is here. Its own document wins over the database's: that one may lag behind the queue. */
  async load(id: number) {
    if (this.#labellings.has(id)) return;
    const directory = this.#directory;
    const image = await call('images.get', { id });
    if (directory !== this.#directory || this.#labellings.has(id)) return;
    this.#images.set(id, image);
    const document: LabellingDocument = { width: image.width, height: image.height, objects: image.objects };
    this.#labellings.set(id, begin(document));
  }

  /** Forgets what nobody has changed, so that it is fetched again. */
  refresh() {
    for (const [id, { done, undone }] of this.#labellings) {
      if (!done.length && !undone.length) this.#labellings.delete(id);
    }
  }

  perform(id: number, command: Command) {
    const labelling = this.#labellings.get(id);
    if (labelling) this.#take(id, perform(labelling, command));
  }
  undo(id: number) {
    const labelling = this.#labellings.get(id);
    this.#take(id, labelling ? undo(labelling) : null);
  }
  redo(id: number) {
    const labelling = this.#labellings.get(id);
    this.#take(id, labelling ? redo(labelling) : null);
  }

  #take(id: number, step: Step | null) {
    if (!step) return;
    this.#labellings.set(id, step.labelling);
    saves.add(id, step.changes);
  }
}

export const sessions = new Sessions();
