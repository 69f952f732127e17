/** The line of a compute process to whoever started it: the channel of Node's fork. */
import type { ComputeInput, ComputeMessage } from '../services/ports';

export interface ComputeParent {
  send(message: ComputeMessage): void;
  onInput(listener: (input: ComputeInput) => void): void;
  /** The parent has ended or crashed: nobody listens any more. */
  onGone(listener: () => void): void;
  /** Ends the process once everything sent has left it. */
  end(exitCode: number): void;
}

/** @throws Error when the process was started by hand */
export function connectToParent(): ComputeParent {
  if (process.send) return forkParent();
  throw new Error('This program is started by SSD Studio, not by hand.');
}

function forkParent(): ComputeParent {
  let unsent = 0;
  let exitCode: number | null = null;
  const exitWhenSent = (): void => {
    if (exitCode !== null && unsent === 0) process.exit(exitCode);
  };
  return {
    send(message) {
      if (!process.connected) return;
      unsent++;
      process.send?.(message, undefined, undefined, () => {
        unsent--;
        exitWhenSent();
      });
    },
    onInput: (listener) => process.on('message', (input) => listener(input as ComputeInput)),
    onGone: (listener) => process.on('disconnect', listener),
    end(code) {
      exitCode = code;
      exitWhenSent();
    },
  };
}
