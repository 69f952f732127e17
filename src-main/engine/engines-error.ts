/** Why an engine cannot run here, and what would make it run. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    message: string,
    /** The command or step that would make it ready, or null. */
    readonly help: string | null,
  ) {
    super(message);
  }
}

/** The engine that is wanted is ready, but in another kind of process, which can take over the job. */
export class OpensElsewhere extends Error {
  override readonly name = 'OpensElsewhere';
}
