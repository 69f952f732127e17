import type { RunConfiguration, RunStart } from '@core/experiment/run';
import { call } from '../../app/studio';
import { Inspection } from './inspection.svelte';

/** The weight file that the next training begins from, if any, and what of it fits the network that is to be trained. */
export class StartChoice {
  path = $state<string | null>(null);
  readonly inspection = new Inspection();
  /** fc6 and fc7 made from a VGG's fully connected layers. */
  decimate = $state(false);

  readonly fileName = $derived(this.path?.split(/[/\\]/).at(-1) ?? null);
  /** What `training.start` takes; undefined without a file. */
  readonly source = $derived(this.path === null ? undefined : { path: this.path, decimate: this.decimate });
  readonly kind: RunStart = $derived(this.path === null ? 'fresh' : 'weights');
  /** A file was chosen, and nothing of it would come into the network. */
  readonly blocks = $derived(this.path !== null && !this.inspection.report?.matched.length);

  /** Asks for a file; nothing changes when the person cancels. */
  async choose() {
    try {
      const path = await call('dialogs.openWeights', { title: 'Choose the weights to start from' });
      if (path === null) return;
      this.remove();
      this.path = path;
    } catch (error) {
      this.inspection.problem = error;
    }
  }

  remove() {
    this.inspection.clear();
    this.path = null;
    this.decimate = false;
  }

  /** Sets the file against what is to be trained. A later question overtakes an earlier one. */
  async inspect({ network, defaultBoxes }: Pick<RunConfiguration, 'network' | 'defaultBoxes'>) {
    const { source } = this;
    if (source === undefined) return;
    await this.inspection.ask({ source, start: { network, defaultBoxes } });
  }
}
