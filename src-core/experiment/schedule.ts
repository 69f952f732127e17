/** How far a run is and which learning rate belongs there. */
import type { RunConfiguration } from './run';

/** Where a training stands: whole steps done, and seconds of training without pauses. */
export interface TrainingClock {
  readonly step: number;
  readonly seconds: number;
}

type RunLength = Pick<RunConfiguration, 'steps' | 'minutes'>;

/** Part of the run that is over, 0 to 1: of its steps or of its minutes, whichever is further. 1 ends it. */
export function runProgress(length: RunLength, clock: TrainingClock): number {
  const bySteps = clock.step / length.steps;
  const byTime = length.minutes === null ? 0 : clock.seconds / (length.minutes * 60);
  return Math.min(1, Math.max(bySteps, byTime));
}

/** A short run is not all warm-up: it is over after this part of the run at the latest. */
const LONGEST_WARMUP = 0.1;

/**
 * Learning rate of the step that follows `clock`. Warm-up rises linearly over the first steps and scales what the schedule
 * gives; the cosine (Loshchilov and Hutter 2017, without restarts) falls to 0 at the end of the run; multistep is the papers'
 * division by ten at each milestone.
 */
export function learningRateAt(
  configuration: Pick<RunConfiguration, 'steps' | 'minutes' | 'learningRate' | 'schedule'>,
  clock: TrainingClock,
): number {
  const { schedule, learningRate } = configuration;
  const progress = runProgress(configuration, clock);
  const warmth = schedule.warmupSteps > 0 ? (clock.step + 1) / schedule.warmupSteps : 1;
  const warmup = Math.min(1, Math.max(warmth, progress / LONGEST_WARMUP));
  return learningRate * warmup * decay(schedule, progress);
}

function decay(schedule: RunConfiguration['schedule'], progress: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'cosine':
      return (1 + Math.cos(Math.PI * progress)) / 2;
    case 'multistep':
      return 0.1 ** schedule.milestones.filter((milestone) => progress >= milestone).length;
  }
}

/** Seconds until the run ends at its present pace; null until it has one. */
export function secondsLeft(length: RunLength, clock: TrainingClock, secondsPerStep: number | null): number | null {
  const byTime = length.minutes === null ? null : Math.max(0, length.minutes * 60 - clock.seconds);
  const bySteps = secondsPerStep === null ? null : Math.max(0, length.steps - clock.step) * secondsPerStep;
  if (byTime === null || bySteps === null) return byTime ?? bySteps;
  return Math.min(byTime, bySteps);
}

type Schedule = RunConfiguration['schedule'];
export type ScheduleKind = Schedule['kind'];
export const SCHEDULE_KINDS = ['cosine', 'multistep', 'constant'] as const satisfies readonly ScheduleKind[];
/** Parts of the run after which `multistep` divides by ten when none are given. */
const USUAL_MILESTONES: readonly number[] = [2 / 3, 5 / 6];

/** The schedule as another kind, keeping what the two have in common. */
export function changeSchedule(schedule: Schedule, kind: ScheduleKind, warmup = schedule.warmupSteps): Schedule {
  const warmupSteps = Math.round(warmup);
  if (kind !== 'multistep') return { kind, warmupSteps };
  return { kind, warmupSteps, milestones: schedule.kind === 'multistep' ? schedule.milestones : USUAL_MILESTONES };
}
