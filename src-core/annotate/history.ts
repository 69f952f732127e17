/** Undo and redo without limit: the inverses of what was done, and of what was undone. */
import type { ObjectChange } from '../contract/images';
import { type Command, type LabellingDocument, apply } from './document';

export interface Labelling {
  readonly document: LabellingDocument;
  /** Inverses of the commands done, the latest last. */
  readonly done: readonly Command[];
  /** Inverses of the undoings, the latest last; emptied by the next new command. */
  readonly undone: readonly Command[];
}

export interface Step {
  readonly labelling: Labelling;
  readonly changes: readonly ObjectChange[];
}

export const begin = (document: LabellingDocument): Labelling => ({ document, done: [], undone: [] });

export function perform(labelling: Labelling, command: Command): Step {
  const { document, inverse, changes } = apply(labelling.document, command);
  return { labelling: { document, done: [...labelling.done, inverse], undone: [] }, changes };
}

/** Takes the latest command back; null when there is none. */
export function undo(labelling: Labelling): Step | null {
  const command = labelling.done.at(-1);
  if (!command) return null;
  const { document, inverse, changes } = apply(labelling.document, command);
  return {
    labelling: { document, done: labelling.done.slice(0, -1), undone: [...labelling.undone, inverse] },
    changes,
  };
}

/** Does again what was undone last; null when there is nothing. */
export function redo(labelling: Labelling): Step | null {
  const command = labelling.undone.at(-1);
  if (!command) return null;
  const { document, inverse, changes } = apply(labelling.document, command);
  return {
    labelling: { document, done: [...labelling.done, inverse], undone: labelling.undone.slice(0, -1) },
    changes,
  };
}
