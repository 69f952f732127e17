/** A second worker for the coverage: it looks at some of the sources while the first one looks at the others. */
import type { SourceGrid } from '@core/priors/generate';
import type { SourceOverlaps } from '@core/priors/grid-overlap';
import type { CoverageObjects } from '@core/priors/object-table';

export type OverlapRequest =
  | { readonly kind: 'objects'; readonly objects: CoverageObjects }
  | { readonly kind: 'overlaps'; readonly grids: readonly SourceGrid[]; readonly threshold: number };

/** In the order of the grids that were asked for. */
export type OverlapAnswer = readonly SourceOverlaps[];

interface Waiting {
  answered(answer: OverlapAnswer): void;
  failed(error: Error): void;
}

export class OverlapHelper {
  readonly #worker = new Worker(new URL('./overlap.worker.ts', import.meta.url), { type: 'module' });
  /** Answers come in the order of the questions. */
  readonly #waiting: Waiting[] = [];
  #closing = false;

  constructor(objects: CoverageObjects) {
    this.#worker.onmessage = ({ data }: MessageEvent<OverlapAnswer>) => {
      this.#waiting.shift()?.answered(data);
      if (this.#closing) this.close();
    };
    this.#worker.onerror = ({ message }) => {
      for (const { failed } of this.#waiting.splice(0)) failed(new Error(message || 'The analysis stopped.'));
    };
    this.#post({ kind: 'objects', objects });
  }

  overlaps(grids: readonly SourceGrid[], threshold: number): Promise<OverlapAnswer> {
    return new Promise((answered, failed) => {
      this.#waiting.push({ answered, failed });
      this.#post({ kind: 'overlaps', grids, threshold });
    });
  }

  /** Ends the worker as soon as it has answered what it was asked. */
  close(): void {
    this.#closing = true;
    if (this.#waiting.length === 0) this.#worker.terminate();
  }

  #post(request: OverlapRequest): void {
    this.#worker.postMessage(request);
  }
}

/** Splits sources into two parts of about the same work, which grows with the boxes of a cell. */
export function inTwo(
  sources: readonly number[],
  grids: readonly Pick<SourceGrid, 'boxesPerCell'>[],
): readonly [number[], number[]] {
  const work = (part: readonly number[]): number => part.reduce((sum, k) => sum + grids[k].boxesPerCell, 0);
  const parts: [number[], number[]] = [[], []];
  const mostFirst = [...sources].sort((a, b) => grids[b].boxesPerCell - grids[a].boxesPerCell);
  for (const k of mostFirst) parts[work(parts[0]) <= work(parts[1]) ? 0 : 1].push(k);
  return parts;
}
