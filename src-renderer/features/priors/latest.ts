/** @param overtaken a later question waits already, whose answer follows */
type Answered<Answer> = (answer: Answer, overtaken: boolean) => void;

/**
 * One question at a time, and of those that come meanwhile only the last: so that a moving slider is answered as fast as the
 * answers can be worked out and never falls behind.
 */
export class Latest<Question, Answer> {
  #busy = false;
  #waiting: { readonly question: Question; readonly answered: Answered<Answer> } | null = null;

  constructor(private readonly ask: (question: Question) => Promise<Answer>) {}

  /** `answered` is not called when a later question overtakes this one before it is asked. */
  put(question: Question, answered: Answered<Answer>): void {
    if (this.#busy) this.#waiting = { question, answered };
    else void this.#run(question, answered);
  }

  async #run(question: Question, answered: Answered<Answer>): Promise<void> {
    this.#busy = true;
    try {
      const answer = await this.ask(question);
      answered(answer, this.#waiting !== null);
    } finally {
      this.#busy = false;
      const next = this.#waiting;
      this.#waiting = null;
      if (next) void this.#run(next.question, next.answered);
    }
  }
}
