/** The worker as questions with answers. */
import type { ObjectColumns } from '@core/contract/images';
import type { CoverageAnswer, CoverageQuestion, CoverageRequest, Fit, TrialQuestion } from './coverage-messages';
import { Latest } from './latest';

type Unnumbered = ({ readonly kind: 'coverage' } & CoverageQuestion) | ({ readonly kind: 'trial' } & TrialQuestion);

interface Waiting {
  resolve(answer: CoverageAnswer): void;
  reject(error: Error): void;
}

export class CoverageClient {
  readonly #worker = new Worker(new URL('./coverage.worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  readonly #latest: Latest<CoverageQuestion, Fit | null>;
  #next = 1;

  /** `failed` hears what went wrong with a question of `cover`. */
  constructor(failed: (error: unknown) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<CoverageAnswer>) => {
      this.#waiting.get(data.id)?.resolve(data);
      this.#waiting.delete(data.id);
    };
    this.#worker.onerror = ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(message || 'The analysis stopped.'));
      this.#waiting.clear();
    };
    this.#latest = new Latest(async (question) => {
      try {
        const answer = await this.#ask({ kind: 'coverage', ...question });
        return answer.kind === 'coverage' ? answer.fit : null;
      } catch (error) {
        failed(error);
        return null;
      }
    });
  }

  /** Replaces the objects that later questions are about. */
  setObjects(objects: ObjectColumns): void {
    this.#post({ kind: 'objects', objects });
  }

  /** Answers unless a later question overtakes this one. */
  cover(question: CoverageQuestion, answered: (fit: Fit) => void): void {
    this.#latest.put(question, (fit) => fit && answered(fit));
  }

  /** How many objects each of the configurations reaches. */
  async tryOut(question: TrialQuestion): Promise<readonly number[]> {
    const answer = await this.#ask({ kind: 'trial', ...question });
    if (answer.kind !== 'trial') throw new Error('The analysis answered another question.');
    return answer.matched;
  }

  close(): void {
    this.#worker.terminate();
    this.#waiting.clear();
  }

  async #ask(question: Unnumbered): Promise<CoverageAnswer> {
    const id = this.#next++;
    const answer = await new Promise<CoverageAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ ...question, id });
    });
    if (answer.kind === 'failed') throw new Error(answer.message);
    return answer;
  }

  #post(request: CoverageRequest): void {
    this.#worker.postMessage(request);
  }
}
