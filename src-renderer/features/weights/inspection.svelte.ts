import type { ChannelRequest } from '@core/contract/studio';
import type { WeightsReport } from '@core/contract/weights';
import { call } from '../../app/studio';

/** What a weight file says to a question. The latest question wins. */
export class Inspection {
  report = $state.raw<WeightsReport | null>(null);
  /** Why the file cannot be read, or null. */
  problem = $state.raw<unknown>(null);
  pending = $state(false);
  #asked = 0;

  /** Returns the report, or null when the file cannot be read or a later question overtook this one. */
  async ask(question: ChannelRequest<'weights.inspect'>): Promise<WeightsReport | null> {
    const asked = ++this.#asked;
    this.pending = true;
    const answer = await call('weights.inspect', question).then(
      (report) => ({ report, problem: null }),
      (problem: unknown) => ({ report: null, problem }),
    );
    if (asked !== this.#asked) return null;
    this.report = answer.report;
    this.problem = answer.problem;
    this.pending = false;
    return answer.report;
  }

  /** Forgets the answer, and the one that is still to come. */
  clear() {
    this.#asked++;
    this.report = null;
    this.problem = null;
    this.pending = false;
  }
}
