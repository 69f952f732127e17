/** The line to whoever started a compute process: Electron's parentPort or Node's fork channel, one shape for both. */
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
  if (process.parentPort) return electronParent(process.parentPort);
  if (process.send) return forkParent();
  throw new Error('This program is started by SSD Studio, not by hand.');
}

function electronParent(port: Electron.ParentPort): ComputeParent {
  return {
    send: (message) => port.postMessage(message),
    onInput: (listener) => port.on('message', ({ data }) => listener(data as ComputeInput)),
    onGone: (listener) => (port as unknown as NodeJS.EventEmitter).on('close', listener),
    // postMessage hands over at once, but another thread writes the pipe.
    end: (exitCode) => void setTimeout(() => process.exit(exitCode), 200),
  };
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
