/** What a job of the compute process is given and gives back. */
import type { ComputeJob, ComputeMessage, ComputeOrder, ComputeResult } from '../services/ports';

export interface JobContext {
  send(message: Exclude<ComputeMessage, { kind: 'done' | 'failed' }>): void;
  /** Lets waiting orders arrive and tells the newest, null while there is none. A parent that has gone counts as 'pause'. */
  order(): Promise<ComputeOrder | null>;
}

export type JobHandler<K extends ComputeJob['kind']> = (
  job: Extract<ComputeJob, { kind: K }>,
  context: JobContext,
) => Promise<Extract<ComputeResult, { kind: K }>>;
