/** Compute processes under Electron: one utilityProcess per job, forked on the service's order, its messages relayed. */
import { join } from 'node:path';
import { utilityProcess, type UtilityProcess } from 'electron';
import type { ComputeInput, ComputeJob, ComputeMessage, ComputeOrder } from '../services/ports';
import { COMPUTE_ENVIRONMENT } from '../workers/compute-environment';

/** Characters of a child's output kept for "copy details". */
const OUTPUT_KEPT = 8_000;

interface Listener {
  started(job: number, pid: number): void;
  message(job: number, message: ComputeMessage): void;
  exit(job: number, code: number | null, output: string): void;
}

export class ComputeHost {
  private readonly children = new Map<number, UtilityProcess>();

  /** @param environment added to this process's own, which wins */
  constructor(
    private readonly listener: Listener,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  launch(job: number, work: ComputeJob): void {
    const child = utilityProcess.fork(join(import.meta.dirname, 'compute.mjs'), [], {
      serviceName: `SSD Studio ${work.kind}`,
      stdio: 'pipe',
      env: { ...COMPUTE_ENVIRONMENT, ...this.environment, ...process.env },
    });
    this.children.set(job, child);
    const output = collectOutput(child);
    child.once('spawn', () => this.listener.started(job, child.pid ?? 0));
    child.on('message', (message: ComputeMessage) => this.listener.message(job, message));
    child.once('exit', (code) => {
      this.children.delete(job);
      // What it printed last is still in the pipe.
      setTimeout(() => this.listener.exit(job, code, output()), 100);
    });
    child.postMessage({ kind: 'job', job: work } satisfies ComputeInput);
  }

  order(job: number, order: ComputeOrder): void {
    this.children.get(job)?.postMessage({ kind: 'order', order } satisfies ComputeInput);
  }

  kill(job: number): void {
    const pid = this.children.get(job)?.pid;
    if (pid !== undefined) endProcess(pid);
  }

  /** Resolves when they are gone: only then may another process take over what they worked on. */
  async killAll(): Promise<void> {
    const gone = [...this.children.values()].map((child) => new Promise((done) => child.once('exit', done)));
    for (const job of this.children.keys()) this.kill(job);
    await Promise.all(gone);
  }
}

/** A process deep in a kernel does not answer SIGTERM. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Collects standard output and error; returns what reads their end. Unread pipes would block the child. */
export function collectOutput(child: UtilityProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      kept = (kept + chunk.toString('utf8')).slice(-OUTPUT_KEPT);
    });
  }
  return () => kept.trim();
}
