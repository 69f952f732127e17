/**
 * The service process: the use cases over the project database. Main sends requests that have passed validation, it answers
 * by number; compute processes are forked by main on its order, because only main can.
 */
import { join } from 'node:path';
import type { Result } from '@core/contract/channel';
import { toStudioError } from '@core/contract/failure';
import { createCudaLibraries } from '../cuda/cuda-libraries';
import { localFiles } from '../files/local-files';
import { imageReader } from '../images/image-reader';
import { sampleRenderer } from '../images/sample/renderer';
import { createThumbnails } from '../images/thumbnails';
import type { Emit } from '../services/operations';
import type { ComputeJob, ComputeLauncher } from '../services/ports';
import { createStudio } from '../services/studio';
import { recentProjectsIn } from '../store/recent-projects';
import { runFiles } from '../store/run-files';
import { sqliteStorage } from '../store/storage';
import { createPreviewThread } from './preview-thread';
import type { FromService, ImageRequest, ServiceArguments, ToService } from './service-messages';

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
const { userData, documents } = JSON.parse(process.argv.at(-1) ?? '{}') as ServiceArguments;
const studio = createStudio({
  launcher,
  cuda: createCudaLibraries(userData),
  runFiles,
  storage: sqliteStorage,
  recents: recentProjectsIn(join(userData, 'recent-projects.json')),
  files: localFiles,
  reader: imageReader,
  thumbnails: createThumbnails(),
  sample: sampleRenderer,
  preview: createPreviewThread(),
  documents,
  emit,
});

/** A picture that cannot be shown is none: the protocol answers 404. */
function locate(image: ImageRequest): Promise<string> {
  if (image.kind === 'recent') return studio.pictures.recent(image.project, image.picture);
  return image.kind === 'picture' ? studio.pictures.picture(image.id) : studio.pictures.thumbnail(image.id);
}

parent.on('message', ({ data }: { data: ToService }) => {
  switch (data.kind) {
    case 'request':
      void studio.call(data.channel, data.payload).then((result) => send({ kind: 'answer', id: data.id, result }));
      return;
    case 'image':
      void locate(data.image)
        .then((path): Result<string> => ({ ok: true, value: path }))
        .catch((error: unknown): Result<string> => ({ ok: false, error: toStudioError(error) }))
        .then((result) => send({ kind: 'answer', id: data.id, result }));
      return;
    case 'close':
      void studio.close().finally(() => send({ kind: 'answer', id: data.id, result: { ok: true, value: null } }));
      return;
    default:
      launcher.receive(data);
  }
});
