/** Around every command: opens the studio, runs it, prints what failed in one line, closes, sets the exit status. */
import type { Command } from 'commander';
import type { StudioSession } from './session';
import { openSession } from './session';
import { createOutput, describeError, type Output } from './output';

export interface CommandContext {
  readonly studio: StudioSession;
  readonly output: Output;
  /** Aborted by the first Ctrl-C; a second one ends the process at once. */
  readonly interrupted: AbortSignal;
}

// Commander hands options over untyped; each command declares them beside the code that reads them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Options = any;

export type CommandBody = (context: CommandContext, args: string[], options: Options) => Promise<void>;
export type RunCommand = (body: CommandBody) => (...args: unknown[]) => Promise<void>;

export const runCommand: RunCommand =
  (body) =>
  async (...given) => {
    const command = given.at(-1) as Command;
    const options = given.at(-2) as Options;
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    const output = createOutput(Boolean(command.optsWithGlobals().json));
    const interruption = new AbortController();
    const interrupt = (): void => {
      if (interruption.signal.aborted) process.exit(130);
      output.message('Stopping at the next safe point; press Ctrl-C again to end at once.');
      interruption.abort();
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    let studio: StudioSession | null = null;
    try {
      studio = openSession(output);
      await body({ studio, output, interrupted: interruption.signal }, args, options);
    } catch (error) {
      const { text, status } = describeError(error);
      output.message(`ssd-studio: ${text}`);
      process.exitCode = status;
    } finally {
      await studio?.close();
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    }
  };
