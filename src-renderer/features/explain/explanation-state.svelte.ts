import type { ExplanationAnswer } from '@core/contract/explain';
import type { Explanation } from '@core/priors/explanation';
import { StudioCallError } from '../../app/studio';

/** What is selected on a picture and what the detector says of it. */
export class ExplanationState {
  /** The box that is asked about, as its screen names it; null: none. */
  selected = $state<string | null>(null);
  explanation = $state.raw<Explanation | null>(null);
  classNames = $state.raw<readonly string[]>([]);
  pending = $state(false);
  problem = $state.raw<{ readonly message: string; readonly advice: string | null } | null>(null);
  /** Of an object: which of its default boxes stands out on the picture. */
  focusedPrior = $state<number | null>(null);
  #asked = 0;

  /** The latest question wins; what was known stays in sight until it is answered when it is about the same box. */
  async ask(selected: string, question: (operationId: string) => Promise<ExplanationAnswer>) {
    const asked = ++this.#asked;
    if (selected !== this.selected) {
      this.explanation = null;
      this.focusedPrior = null;
    }
    this.selected = selected;
    this.problem = null;
    this.pending = true;
    try {
      const { explanations, classNames } = await question(crypto.randomUUID());
      if (asked !== this.#asked) return;
      this.explanation = explanations[0] ?? null;
      this.classNames = classNames;
    } catch (error) {
      if (asked !== this.#asked) return;
      const advice = error instanceof StudioCallError ? (error.advice ?? null) : null;
      this.problem = { message: error instanceof Error ? error.message : String(error), advice };
    }
    this.pending = false;
  }

  clear() {
    this.#asked++;
    this.selected = null;
    this.explanation = null;
    this.problem = null;
    this.pending = false;
    this.focusedPrior = null;
  }
}
