/** What a job of the compute process is given and gives back. */
import type { ComputeJob, ComputeMessage, ComputeOrder, ComputeResult } from '../services/ports';

export interface JobContext {
  send(message: Exclude<ComputeMessage, { kind: 'done' | 'failed' }>): void;
  /** The newest order, null while there is none. A parent that has gone counts as 'pause'. Ask between steps. */
  order(): ComputeOrder | null;
}

export type JobHandler<K extends ComputeJob['kind']> = (
  job: Extract<ComputeJob, { kind: K }>,
  context: JobContext,
) => Promise<Extract<ComputeResult, { kind: K }>>;

/** A job that ends because a person must do something: `advice` says what. */
export class JobFailure extends Error {
  constructor(
    message: string,
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'JobFailure';
  }
}

/** Lets orders that have arrived be heard. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
