/** PyTorch's training step, taken in turn with ours. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Milliseconds of a step: by the clock, and of all processors together. */
export interface StepTime {
  readonly wall: number;
  readonly processor: number;
}

export interface Rival {
  step(): Promise<StepTime>;
  close(): void;
}

/** @param command interpreter, torch_gate.py, the script and its arguments */
export function startRival([interpreter, ...rest]: readonly string[]): Rival {
  const { GLIBC_TUNABLES: _ours, ...environment } = process.env;
  const child = spawn(interpreter, rest, { stdio: ['pipe', 'pipe', 'ignore'], env: environment });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async step() {
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      if (done) throw new Error(`${interpreter} ended; does it have torch and torchvision?`);
      return JSON.parse(value) as StepTime;
    },
    close: () => void child.kill(),
  };
}
