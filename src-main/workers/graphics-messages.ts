/** The names under which the page of a graphics process and that process's main speak. */

/** Page to main, once: it listens. Main answers with START. */
export const HELLO = 'graphics:hello';
/** Main to page: the port to the process that decodes pictures; inputs follow. */
export const START = 'graphics:start';
/** Main to page: a ComputeInput. */
export const INPUT = 'graphics:input';
/** Main to page: whoever gave the job is gone. */
export const GONE = 'graphics:gone';
/** Page to main: a ComputeMessage. */
export const MESSAGE = 'graphics:message';
/** Page to main: the exit code; all messages were sent. */
export const END = 'graphics:end';
