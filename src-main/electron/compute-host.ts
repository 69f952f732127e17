/**
 * Compute processes under Electron: one per job, forked on the service's order, its messages relayed. They run as plain Node: in
 * Chromium's own processes a single allocation of 2 GiB, which TensorFlow tries where it trains, ends the process instead of failing.
 * A job whose engine is WebGPU goes on from there to a graphics process.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { UtilityProcess } from 'electron';
import type {
  ComputeHandle,
  ComputeInput,
  ComputeJob,
  ComputeLauncher,
  ComputeMessage,
  ComputeOrder,
  WebGpuReport,
} from '../services/ports';
import { followChild, NODE_CHILD } from '../workers/child-launcher';
import { COMPUTE_ENVIRONMENT } from '../workers/compute-environment';
import { askForWebGpu, graphicsLauncher } from './graphics-launch';

/** Characters of a child's output kept for "copy details". */
const OUTPUT_KEPT = 8_000;

/** Jobs that choose an engine and may be done in a graphics process, and the one that tells what there is. */
const WANT_WEBGPU: ReadonlySet<ComputeJob['kind']> = new Set(['train', 'predict', 'measure', 'find-rate', 'engines']);

interface Listener {
  started(job: number, pid: number): void;
  message(job: number, message: ComputeMessage): void;
  exit(job: number, code: number | null, output: string): void;
}

interface Running {
  /** Null while there is no process for it. */
  handle: Pick<ComputeHandle, 'order' | 'kill'> | null;
  order: ComputeOrder | null;
  killed: boolean;
  readonly gone: Promise<void>;
}

interface End {
  readonly code: number | null;
  readonly output: string;
  readonly elsewhere: boolean;
}

export class ComputeHost {
  private readonly running = new Map<number, Running>();
  private readonly graphics: ComputeLauncher;
  private webgpu: Promise<WebGpuReport> | null = null;

  /** @param environment added to this process's own, which wins */
  constructor(
    private readonly listener: Listener,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    this.graphics = graphicsLauncher(environment);
  }

  launch(job: number, work: ComputeJob): void {
    let leave!: () => void;
    const gone = new Promise<void>((resolve) => (leave = resolve));
    const running: Running = { handle: null, order: null, killed: false, gone };
    this.running.set(job, running);
    void this.#run(job, work, running).then(({ code, output }) => {
      this.running.delete(job);
      leave();
      this.listener.exit(job, code, output);
    });
  }

  order(job: number, order: ComputeOrder): void {
    const running = this.running.get(job);
    if (!running) return;
    running.order = order;
    running.handle?.order(order);
  }

  kill(job: number): void {
    const running = this.running.get(job);
    if (!running) return;
    running.killed = true;
    running.handle?.kill();
  }

  /** Resolves when they are gone: only then may another process take over what they worked on. */
  async killAll(): Promise<void> {
    const gone = [...this.running.values()].map((running) => running.gone);
    for (const job of this.running.keys()) this.kill(job);
    await Promise.all(gone);
  }

  async #run(job: number, work: ComputeJob, running: Running): Promise<End> {
    const webgpu = WANT_WEBGPU.has(work.kind) ? await this.#webgpu(work.kind === 'engines') : undefined;
    const end = await this.#process(job, running, (listener) =>
      forkNode({ kind: 'job', job: work, webgpu }, this.environment, listener),
    );
    if (!end.elsewhere) return end;
    return this.#process(job, running, (listener) => this.graphics.launch(work, listener));
  }

  /** @param again whoever looks at the engines wants to know how it is now */
  #webgpu(again: boolean): Promise<WebGpuReport> {
    if (again) this.webgpu = null;
    this.webgpu ??= askForWebGpu(this.graphics);
    return this.webgpu;
  }

  /** Follows a process for the job to its end. */
  #process(job: number, running: Running, start: (listener: ProcessListener) => ComputeHandle): Promise<End> {
    if (running.killed) return Promise.resolve({ code: null, output: '', elsewhere: false });
    return new Promise((resolve) => {
      let elsewhere = false;
      const handle = start({
        message: (message) => {
          if (message.kind === 'elsewhere') elsewhere = true;
          else this.listener.message(job, message);
        },
        exit: (code, output = '') => {
          running.handle = null;
          resolve({ code, output, elsewhere });
        },
      });
      running.handle = handle;
      this.listener.started(job, handle.pid ?? 0);
      if (running.order !== null) handle.order(running.order);
    });
  }
}

type ProcessListener = Parameters<ComputeLauncher['launch']>[1];

function forkNode(
  input: Extract<ComputeInput, { kind: 'job' }>,
  environment: Readonly<Record<string, string>>,
  listener: ProcessListener,
): ComputeHandle {
  // The kind of job is for whoever looks at a list of processes.
  const child = fork(join(import.meta.dirname, 'compute.mjs'), [input.job.kind], {
    ...NODE_CHILD,
    // Ctrl-C in a terminal is for the window, which lets a training reach its checkpoint.
    detached: process.platform !== 'win32',
    env: { ...COMPUTE_ENVIRONMENT, ...environment, ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  return followChild(child, input, listener);
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
