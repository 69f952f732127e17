import type { Suspect, SuspectList } from '@core/contract/suspects';
import { call } from '../../app/studio';

/** The suspected missing labels of the run that was looked at last: for its panel, and for Label, which settles them. */
class Suspects {
  runId = $state<number | null>(null);
  list = $state.raw<SuspectList | null>(null);
  problem = $state.raw<unknown>(null);
  readonly open: readonly Suspect[] = $derived(this.list?.suspects.filter(({ noObject }) => !noObject) ?? []);
  readonly hidden: readonly Suspect[] = $derived(this.list?.suspects.filter(({ noObject }) => noObject) ?? []);

  async load(runId: number) {
    if (runId !== this.runId) {
      this.runId = runId;
      this.list = null;
      this.problem = null;
    }
    try {
      const list = await call('runs.suspects', { runId });
      if (runId !== this.runId) return;
      this.list = list;
      this.problem = null;
    } catch (error) {
      if (runId === this.runId) this.problem = error;
    }
  }

  byId(id: number): Suspect | null {
    return this.list?.suspects.find((suspect) => suspect.id === id) ?? null;
  }

  /** The one after it in the list that still waits for a verdict; the first after the last. */
  after(id: number): Suspect | null {
    const at = this.list?.suspects.findIndex((suspect) => suspect.id === id) ?? -1;
    const later = this.list?.suspects.slice(at + 1) ?? [];
    return [...later, ...this.open].find((suspect) => !suspect.noObject && suspect.id !== id) ?? null;
  }

  async setNoObject({ id, imageId, box }: Suspect, noObject: boolean) {
    await call('suspects.setNoObject', { imageId, box, noObject });
    if (!this.list) return;
    const suspects = this.list.suspects.map((each) => (each.id === id ? { ...each, noObject } : each));
    this.list = { ...this.list, suspects };
  }
}

export const suspects = new Suspects();
