/** Work for the open project that nobody waits for; it ends when the project is closed. */
export class Background {
  #controller = new AbortController();
  #running = new Set<Promise<void>>();

  /** Errors of the work are the work's own affair: it must not fail for want of a listener. */
  start(work: (signal: AbortSignal) => Promise<void>): void {
    const running = work(this.#controller.signal)
      .catch(() => {})
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends what runs and waits for it. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await Promise.all(this.#running);
    this.#controller = new AbortController();
  }
}
