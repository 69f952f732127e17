/** The project that is open now: at most one per service process. All services share one session. */
import { StudioFailure } from '@core/contract/failure';
import type { ProjectStore } from './ports';

export class ProjectSession {
  #store: ProjectStore | null = null;

  get store(): ProjectStore | null {
    return this.#store;
  }

  /** Throws 'no-project' when none is open. */
  require(): ProjectStore {
    if (this.#store === null) {
      throw new StudioFailure('no-project', 'No project is open.', 'Open or create a project first.');
    }
    return this.#store;
  }

  /** Closes the project that was open, if any, and takes this one. */
  use(store: ProjectStore | null): void {
    if (this.#store !== null && this.#store !== store) this.#store.close();
    this.#store = store;
  }
}
