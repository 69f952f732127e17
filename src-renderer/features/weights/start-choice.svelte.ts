import type { WeightsReport } from '@core/contract/weights';
import type { RunConfiguration } from '@core/experiment/run';
import { call } from '../../app/studio';

/** The weight file that the next training begins from, if any, and what of it fits the network that is to be trained. */
export class StartChoice {
  path = $state<string | null>(null);
  report = $state.raw<WeightsReport | null>(null);
  /** Why the file cannot be read, or null. */
  problem = $state.raw<unknown>(null);
  inspecting = $state(false);
  /** fc6 and fc7 made from a VGG's fully connected layers. */
  decimate = $state(false);
  #asked = 0;

  readonly fileName = $derived(this.path?.split(/[/\\]/).at(-1) ?? null);
  /** What `training.start` takes; undefined without a file. */
  readonly source = $derived(this.path === null ? undefined : { path: this.path, decimate: this.decimate });
  /** A file was chosen, and nothing of it would come into the network. */
  readonly blocks = $derived(this.path !== null && (this.report === null || this.report.matched.length === 0));

  /** Asks for a file; nothing changes when the person cancels. */
  async choose() {
    try {
      const path = await call('dialogs.openWeights', { title: 'Choose the weights to start from' });
      if (path === null) return;
      this.remove();
      this.path = path;
    } catch (error) {
      this.problem = error;
    }
  }

  remove() {
    this.#asked++;
    this.path = null;
    this.report = null;
    this.problem = null;
    this.inspecting = false;
    this.decimate = false;
  }

  /** Sets the file against what is to be trained. A later question overtakes an earlier one. */
  async inspect({ network, defaultBoxes }: Pick<RunConfiguration, 'network' | 'defaultBoxes'>) {
    const { source } = this;
    if (source === undefined) return;
    const asked = ++this.#asked;
    this.inspecting = true;
    try {
      const report = await call('weights.inspect', { source, start: { network, defaultBoxes } });
      if (asked !== this.#asked) return;
      this.report = report;
      this.problem = null;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.report = null;
      this.problem = error;
    } finally {
      if (asked === this.#asked) this.inspecting = false;
    }
  }
}
