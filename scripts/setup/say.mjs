/**
 * What set-up tells the person. It goes to standard error, so that a command line that sets itself up
 * still prints nothing but its result on standard output.
 */
export const say = (message) => process.stderr.write(`[set-up] ${message}\n`);

/** A fault that the person can mend: what happened, and what to do about it. No stack is shown. */
export class SetUpError extends Error {
  constructor(what, remedy) {
    super(remedy ? `${what}\n[set-up]   ${remedy}` : what);
  }
}

/** Does `work`; a failure is said and ends the process, a SetUpError without a stack. */
export async function orExit(work) {
  try {
    return await work();
  } catch (error) {
    say(error instanceof SetUpError ? error.message : error.stack);
    process.exit(1);
  }
}
