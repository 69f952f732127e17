/** Compute processes under plain Node (command line, tests): one child_process per job. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { join } from 'node:path';
import type { ComputeHandle, ComputeInput, ComputeLauncher, ComputeMessage } from '../services/ports';
import { COMPUTE_ENVIRONMENT } from './compute-environment';

/** Characters of a child's output that are kept for an explanation. */
const OUTPUT_KEPT = 8_000;

/** Advanced serialisation carries Uint8Array and keeps -0, NaN and undefined. */
export const NODE_CHILD = {
  serialization: 'advanced',
  stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  execArgv: [],
} satisfies ForkOptions;

/**
 * @param environment added to this process's own, which wins
 * @param script the bundle of compute.worker.ts; by default the one beside the running bundle
 */
export function createChildLauncher(
  environment: Readonly<Record<string, string>> = {},
  script = join(import.meta.dirname, 'compute.mjs'),
): ComputeLauncher {
  return {
    launch(job, listener) {
      const child = fork(script, [], {
        ...NODE_CHILD,
        env: { ...COMPUTE_ENVIRONMENT, ...environment, ...process.env },
      });
      return followChild(child, { kind: 'job', job }, listener);
    },
  };
}

/** Gives a process with an IPC channel (advanced serialisation) and piped output its job and listens to it until its end. */
export function followChild(
  child: ChildProcess,
  input: Extract<ComputeInput, { kind: 'job' }>,
  listener: Parameters<ComputeLauncher['launch']>[1],
): ComputeHandle {
  let output = '';
  const collect = (chunk: Buffer): void => void (output = (output + chunk.toString('utf8')).slice(-OUTPUT_KEPT));
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  child.on('message', (message) => listener.message(message as ComputeMessage));
  let ended = false;
  const end = (code: number | null): void => {
    if (ended) return;
    ended = true;
    listener.exit(code, output.trim());
  };
  child.on('error', (error) => {
    output += `\n${error.message}`;
    end(null);
  });
  child.on('close', end);
  const post = (input: ComputeInput): void => {
    if (child.connected) child.send(input, () => {}); // an error here means that it has ended: 'close' tells
  };
  post(input);
  return {
    order: (order) => post({ kind: 'order', order }),
    kill: () => void child.kill('SIGKILL'),
    pid: child.pid ?? null,
  };
}
