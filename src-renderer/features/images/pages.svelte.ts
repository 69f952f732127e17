import type { ImageFilter, ProjectImage } from '@core/dataset/model';
import { SvelteMap } from 'svelte/reactivity';
import { notices } from '../../app/state/notices.svelte';
import { call } from '../../app/studio';

const PAGE = 100;

/** The filtered list of pictures, fetched page by page as it comes into view. */
export class PictureList {
  /** Null until the first answer. */
  total = $state<number | null>(null);
  readonly #pages = new SvelteMap<number, readonly ProjectImage[]>();
  #asked = new Set<number>();
  #filter: ImageFilter = {};
  #generation = 0;

  /** Fetches again what is on screen; with another filter, from an empty list. */
  reload(filter: ImageFilter, from: number, to: number) {
    const changed = JSON.stringify(filter) !== JSON.stringify(this.#filter);
    this.#filter = filter;
    this.#generation++;
    this.#asked = new Set();
    if (changed) this.#pages.clear();
    this.want(from, to);
    for (const page of this.#pages.keys()) if (!this.#asked.has(page)) this.#pages.delete(page);
  }

  /** Makes sure that the pictures of these positions are fetched. */
  want(from: number, to: number) {
    for (let page = Math.floor(Math.max(0, from) / PAGE); page <= Math.floor(Math.max(0, to) / PAGE); page++) {
      if (!this.#asked.has(page)) void this.#fetch(page);
    }
  }

  at(index: number): ProjectImage | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  async #fetch(page: number) {
    this.#asked.add(page);
    const generation = this.#generation;
    try {
      const answer = await call('images.list', { filter: this.#filter, offset: page * PAGE, limit: PAGE });
      if (generation !== this.#generation) return;
      this.total = answer.total;
      this.#pages.set(page, answer.images);
    } catch (error) {
      notices.error('List the pictures', error);
    }
  }
}
