/** The fitting worker as questions with answers. It is started by the first one. */
import type { DefaultBoxFit } from '@core/priors/fit-boxes';
import type { BoxesMeasure } from '@core/priors/measure-boxes';
import type { FitAnswer, FitQuestion, FitRequest, MeasureQuestion, ObjectSets } from './fit-messages';

interface Waiting {
  answered(answer: FitAnswer): void;
  failed(error: Error): void;
}

/** A fit under way. */
export interface Fitting {
  /** Null when it was cancelled. */
  readonly result: Promise<DefaultBoxFit | null>;
  cancel(): void;
}

export class FitClient {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #objects: ObjectSets | null = null;
  #next = 1;

  /** Replaces the objects that later questions are about. */
  setObjects(objects: ObjectSets): void {
    this.#objects = objects;
    this.#worker?.postMessage({ kind: 'objects', objects } satisfies FitRequest);
  }

  /** @param progress hears the share that is done, 0 to 1 */
  fit(question: FitQuestion, progress: (share: number) => void): Fitting {
    const id = this.#next++;
    const result = this.#ask({ kind: 'fit', id, ...question }, progress).then((answer) => {
      return answer.kind === 'fit' ? answer.fit : null;
    });
    return { result, cancel: () => this.#post({ kind: 'cancel', id }) };
  }

  async measure(question: MeasureQuestion): Promise<readonly BoxesMeasure[]> {
    const answer = await this.#ask({ kind: 'measure', id: this.#next++, ...question });
    if (answer.kind !== 'measures') throw new Error('The comparison answered another question.');
    return answer.measures;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#waiting.clear();
  }

  #ask(request: Extract<FitRequest, { kind: 'fit' | 'measure' }>, progress?: (share: number) => void) {
    return new Promise<FitAnswer>((answered, failed) => {
      this.#waiting.set(request.id, {
        failed,
        answered: (answer) => {
          if (answer.kind === 'progress') {
            progress?.(answer.share);
            return;
          }
          this.#waiting.delete(request.id);
          if (answer.kind === 'failed') failed(new Error(answer.message));
          else answered(answer);
        },
      });
      this.#post(request);
    });
  }

  #post(request: FitRequest): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./fit.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FitAnswer>) => this.#waiting.get(data.id)?.answered(data);
    worker.onerror = ({ message }) => {
      for (const { failed } of this.#waiting.values()) failed(new Error(message || 'The fit stopped.'));
      this.#waiting.clear();
    };
    if (this.#objects) worker.postMessage({ kind: 'objects', objects: this.#objects } satisfies FitRequest);
    return worker;
  }
}
