/**
 * Undo and redo of whole values, without limit. Changes with the same gesture follow each other as one, so that a dragged
 * slider is undone at once.
 */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** The gesture of the last change, null when the next change starts anew. */
  readonly gesture: string | null;
}

export const startHistory = <T>(present: T): History<T> => ({ past: [], present, future: [], gesture: null });

/** A change; `gesture` names what moves (a slider) and joins the changes until `endGesture`. */
export function change<T>(history: History<T>, present: T, gesture: string | null = null): History<T> {
  const joins = gesture !== null && gesture === history.gesture;
  return { past: joins ? history.past : [...history.past, history.present], present, future: [], gesture };
}

export const endGesture = <T>(history: History<T>): History<T> => ({ ...history, gesture: null });

export function undo<T>(history: History<T>): History<T> {
  if (history.past.length === 0) return endGesture(history);
  return {
    past: history.past.slice(0, -1),
    present: history.past[history.past.length - 1],
    future: [history.present, ...history.future],
    gesture: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  if (history.future.length === 0) return endGesture(history);
  return {
    past: [...history.past, history.present],
    present: history.future[0],
    future: history.future.slice(1),
    gesture: null,
  };
}
