/** A launcher whose processes do what the test says, one after the other. */
import type { ComputeJob, ComputeLauncher, ComputeMessage, ComputeOrder } from '../../src-main/services/ports';

export class ScriptedProcess {
  readonly orders: ComputeOrder[] = [];
  killed = false;

  constructor(
    readonly job: ComputeJob,
    private readonly listener: Parameters<ComputeLauncher['launch']>[1],
  ) {}

  say(message: ComputeMessage): void {
    this.listener.message(message);
  }

  exit(code: number | null, output?: string): void {
    this.listener.exit(code, output);
  }
}

export class ScriptedLauncher implements ComputeLauncher {
  readonly processes: ScriptedProcess[] = [];

  get last(): ScriptedProcess {
    return this.processes[this.processes.length - 1];
  }

  launch(job: ComputeJob, listener: Parameters<ComputeLauncher['launch']>[1]) {
    const started = new ScriptedProcess(job, listener);
    this.processes.push(started);
    return {
      order: (order: ComputeOrder) => void started.orders.push(order),
      kill: () => {
        started.killed = true;
        started.exit(null);
      },
      pid: null,
    };
  }
}
