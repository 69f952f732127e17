/**
 * The service process: the use cases over the project database. Main sends requests that have passed validation, it answers
 * by number; compute processes are forked by main on its order, because only main can.
 */
import type { Emit } from '../services/operations';
import type { ComputeJob, ComputeLauncher } from '../services/ports';
import { createStudio } from '../services/studio';
import { runFiles } from '../store/run-files';
import type { FromService, ToService } from './service-messages';

type JobListener = Parameters<ComputeLauncher['launch']>[1];

const parent = process.parentPort;
const send = (message: FromService): void => parent.postMessage(message);
const emit: Emit = (name, payload) => send({ kind: 'event', name, payload } as FromService);

/** Jobs run in processes of main's; this side only knows their numbers. */
class RelayedLauncher implements ComputeLauncher {
  private nextJob = 1;
  private readonly running = new Map<number, { readonly listener: JobListener; pid: number | null }>();

  launch(work: ComputeJob, listener: JobListener) {
    const job = this.nextJob++;
    const entry = { listener, pid: null as number | null };
    this.running.set(job, entry);
    send({ kind: 'compute.launch', job, work });
    return {
      order: (order: 'pause' | 'stop' | 'cancel') => send({ kind: 'compute.order', job, order }),
      kill: () => send({ kind: 'compute.kill', job }),
      get pid() {
        return entry.pid;
      },
    };
  }

  receive(message: Extract<ToService, { job: number }>): void {
    const entry = this.running.get(message.job);
    if (!entry) return;
    if (message.kind === 'compute.started') entry.pid = message.pid;
    else if (message.kind === 'compute.message') entry.listener.message(message.message);
    else {
      this.running.delete(message.job);
      entry.listener.exit(message.code, message.output);
    }
  }
}

const launcher = new RelayedLauncher();
const studio = createStudio({ launcher, runFiles, emit });

parent.on('message', ({ data }: { data: ToService }) => {
  switch (data.kind) {
    case 'request':
      void studio.call(data.channel, data.payload).then((result) => send({ kind: 'answer', id: data.id, result }));
      return;
    case 'image':
      send({ kind: 'answer', id: data.id, result: { ok: true, value: null } });
      return;
    case 'close':
      void studio.close().finally(() => send({ kind: 'answer', id: data.id, result: { ok: true, value: null } }));
      return;
    default:
      launcher.receive(data);
  }
});
