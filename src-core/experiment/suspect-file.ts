/** What a run's folder keeps of its suspects: suspects/step-<n>.json, one for each checkpoint that is kept. */
import { z } from 'zod';
import type { SuspectState } from './suspects';

const count = z.number().int().min(0);
const sum = z.number().min(0).max(1e6);
const coordinate = z.number().finite();

const suspectFile = z.object({
  version: z.literal(1),
  step: count,
  nextId: count,
  suspects: z
    .array(
      z.object({
        id: count,
        imageId: z.number().int(),
        box: z.object({ x1: coordinate, y1: coordinate, x2: coordinate, y2: coordinate }),
        scores: sum,
        weight: sum,
        classes: z
          .array(z.tuple([count, sum]))
          .min(1)
          .max(1000),
        seen: count,
        looks: count,
        lastStep: count,
      }),
    )
    .max(100_000),
});

export interface SuspectsAt extends SuspectState {
  /** After so many steps of training. */
  readonly step: number;
}

export const writeSuspectFile = ({ step, nextId, suspects }: SuspectsAt): string =>
  JSON.stringify({ version: 1, step, nextId, suspects });

/** Null for what is no file of ours. */
export function readSuspectFile(text: string): SuspectsAt | null {
  try {
    return suspectFile.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The name in suspects/ says the step. */
export const suspectFileName = (step: number): string => `step-${String(step).padStart(8, '0')}.json`;
const NAME = /^step-(\d+)\.json$/;
/** The step in a name, or null for another file. */
export const stepOfSuspectFile = (name: string): number | null => {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
};
