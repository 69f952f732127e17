/** What is pushed to the renderer without being asked for. */
import type { RateSample } from '../experiment/learning-rate-finder';
import type { MetricRecord, RunSummary, ValidationRecord } from '../experiment/run';
import type { ProjectInfo } from './projects';

export interface StudioEvents {
  /** Any long operation, at most ten times a second. secondsLeft is null until it can be estimated. */
  'operation.progress': {
    readonly operationId: string;
    readonly label: string;
    readonly done: number;
    readonly total: number;
    readonly secondsLeft: number | null;
  };
  /** A run changed its state, step or checkpoint. */
  'run.changed': RunSummary;
  /** About ten times a second at most while training. */
  'run.metrics': {
    readonly runId: number;
    readonly metrics: readonly MetricRecord[];
    readonly validations: readonly ValidationRecord[];
    readonly secondsLeft: number | null;
    /** The run was set back to this step: records after it no longer count. They were sent before this. */
    readonly rolledBackTo?: number;
  };
  /** A step of a learning-rate finder. */
  'rate.tried': { readonly operationId: string; readonly sample: RateSample };
  /** Pictures or objects changed by something other than the caller (an import). */
  'dataset.changed': Record<string, never>;
  'project.changed': ProjectInfo | null;
}

export type EventName = keyof StudioEvents;
/** Every name once: the preload passes these and nothing else. */
export const EVENT_NAMES = [
  'operation.progress',
  'run.changed',
  'run.metrics',
  'rate.tried',
  'dataset.changed',
  'project.changed',
] as const satisfies readonly EventName[];
