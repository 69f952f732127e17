import { call, listen } from '../studio';

export interface Operation {
  readonly id: string;
  readonly title: string;
  /** The step it is at, in the words of the service; empty before the first report. */
  readonly label: string;
  readonly done: number;
  /** 0: not known yet. */
  readonly total: number;
  readonly secondsLeft: number | null;
  readonly cancelling: boolean;
}

/** Long operations that were started here: their progress is shown at the bottom of the frame and they can be cancelled there. */
class Operations {
  list = $state.raw<readonly Operation[]>([]);

  constructor() {
    listen('operation.progress', ({ operationId, label, done, total, secondsLeft }) =>
      this.#change(operationId, { label, done, total, secondsLeft }),
    );
  }

  /** Gives the work an operation id and shows its progress until it ends. */
  async run<T>(title: string, work: (operationId: string) => Promise<T>): Promise<T> {
    const id = crypto.randomUUID();
    this.list = [
      ...this.list,
      { id, title, label: '', done: 0, total: 0, secondsLeft: null, cancelling: false } satisfies Operation,
    ];
    try {
      return await work(id);
    } finally {
      this.list = this.list.filter((operation) => operation.id !== id);
    }
  }

  async cancel(id: string) {
    this.#change(id, { cancelling: true });
    await call('operations.cancel', { operationId: id });
  }

  #change(id: string, change: Partial<Operation>) {
    this.list = this.list.map((operation) => (operation.id === id ? { ...operation, ...change } : operation));
  }
}

export const operations = new Operations();
