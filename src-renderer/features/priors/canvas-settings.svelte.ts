/** What the Boxes canvas draws: kept while the app is open, whatever screen is visited in between. */
import { SvelteSet } from 'svelte/reactivity';
import type { AllBoxes } from './box-drawing';

class CanvasSettings {
  grid = $state(true);
  cell = $state(true);
  matched = $state(true);
  objects = $state(true);
  /** The receptive field of the cell. */
  field = $state(false);
  hardNegatives = $state(false);
  all = $state<AllBoxes>('none');
  /** Kinds of shape that are not drawn. */
  readonly hidden = new SvelteSet<string>();

  toggleShape(key: string) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
  }
}

export const canvasSettings = new CanvasSettings();
