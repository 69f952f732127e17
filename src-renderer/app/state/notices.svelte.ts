import { StudioCallError, isCancelled } from '../studio';

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'done';
  /** What was being done: "Import pictures". */
  readonly title: string;
  /** What happened and where. */
  readonly message: string;
  readonly advice: string | null;
  readonly details: string | null;
}

/** What of an error a person reads, and what they copy. */
export function describeError(error: unknown): Pick<Notice, 'message' | 'advice' | 'details'> {
  if (error instanceof StudioCallError) {
    const details = [`${error.channel}: ${error.code}`, error.message, error.details].filter(Boolean).join('\n');
    return { message: error.message, advice: error.advice ?? null, details };
  }
  if (error instanceof Error) return { message: error.message, advice: null, details: error.stack ?? error.message };
  return { message: String(error), advice: null, details: null };
}

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #next = 1;

  /** Shows an error until it is dismissed. A cancellation is no error. */
  error(title: string, error: unknown) {
    if (isCancelled(error)) return;
    this.#add({ kind: 'error', title, ...describeError(error) });
  }

  /** Says that something is done; goes away by itself. */
  done(title: string, message = '') {
    const id = this.#add({ kind: 'done', title, message, advice: null, details: null });
    setTimeout(() => this.dismiss(id), 6000);
  }

  dismiss(id: number) {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** What went wrong before has gone well now: its error is no longer true. */
  settle(title: string) {
    if (this.list.some((n) => n.kind === 'error' && n.title === title)) {
      this.list = this.list.filter((n) => n.kind !== 'error' || n.title !== title);
    }
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    const same = this.list.filter((n) => n.title !== notice.title || n.message !== notice.message);
    this.list = [...same, { id, ...notice }].slice(-4);
    return id;
  }
}

export const notices = new Notices();

/** Runs an action of a button; an error becomes a notice with this title. Returns undefined then. */
export async function attempt<T>(title: string, action: () => Promise<T>): Promise<T | undefined> {
  try {
    const value = await action();
    notices.settle(title);
    return value;
  } catch (error) {
    notices.error(title, error);
    return undefined;
  }
}
