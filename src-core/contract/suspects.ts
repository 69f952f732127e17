/** Where labels of training pictures may be missing, as a run sees it. */
import { z } from 'zod';
import type { CornerBox, ImagePx } from '../geometry/box';
import { channel } from './channel';
import { runId } from './run-schema';

const coordinate = z.number().finite();
const box = z
  .object({ x1: coordinate, y1: coordinate, x2: coordinate, y2: coordinate })
  .refine((b) => b.x2 > b.x1 && b.y2 > b.y1, 'a box needs a width and a height');

/** A place without a label that the network took for an object again and again while it trained on the picture. */
export interface Suspect {
  /** Stays the same while the run trains. */
  readonly id: number;
  readonly imageId: number;
  readonly fileName: string;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly box: CornerBox<ImagePx>;
  /** What it was taken for; the id is null where the project has no such class any more. */
  readonly className: string;
  readonly classId: number | null;
  /** Mean score of the times it was in view lately, 0 where it was not taken for an object. */
  readonly score: number;
  /** Taken for an object so many times of those it was in view. */
  readonly seen: number;
  readonly looks: number;
  /** A person has said that there is no object. */
  readonly noObject: boolean;
}

export interface SuspectList {
  /** Of the checkpoint that the list belongs to; null while there is none, and for runs that kept no such list. */
  readonly step: number | null;
  /** The most suspicious first: score times how persistently it was seen. */
  readonly suspects: readonly Suspect[];
  /** Left out because a label of the project lies there now. */
  readonly labelled: number;
}

export const suspectChannels = {
  'runs.suspects': channel(z.object({ runId })).returns<SuspectList>(),
  /** Hides what any run suspects at this place of the picture, or shows it again. */
  'suspects.setNoObject': channel(
    z.object({ imageId: z.number().int().positive(), box, noObject: z.boolean() }),
  ).returns<void>(),
} as const;
