/** The studio without a window: the same use cases as the service process, called directly. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EventName, StudioEvents } from '@core/contract/events';
import { StudioFailure } from '@core/contract/failure';
import type { ChannelName, ChannelRequest, ChannelResponse } from '@core/contract/studio';
import { createCudaLibraries } from '../cuda/cuda-libraries';
import { computeEnvironment } from '../cuda/installed';
import { localFiles } from '../files/local-files';
import { imageReader } from '../images/image-reader';
import { sampleRenderer } from '../images/sample/renderer';
import { createThumbnails } from '../images/thumbnails';
import type { Emit } from '../services/operations';
import type { ComputeLauncher } from '../services/ports';
import { createStudio } from '../services/studio';
import { recentProjectsIn } from '../store/recent-projects';
import { runFiles } from '../store/run-files';
import { sqliteStorage } from '../store/storage';
import { createChildLauncher } from '../workers/child-launcher';
import { createPreviewThread } from '../workers/preview-thread';
import type { Output } from './output';

type Listener<E extends EventName> = (payload: StudioEvents[E]) => void;

export interface StudioSession {
  /** Throws StudioFailure when the answer is an error. */
  call<N extends ChannelName>(
    name: N,
    ...request: ChannelRequest<N> extends void | undefined ? [] : [request: ChannelRequest<N>]
  ): Promise<ChannelResponse<N>>;
  on<E extends EventName>(event: E, listener: Listener<E>): () => void;
  /** The file of a picture of the open project. */
  picturePath(imageId: number): Promise<string>;
  close(): Promise<void>;
}

/** Compute processes that know the user's data folder. */
export const createLauncher = (): ComputeLauncher => createChildLauncher(computeEnvironment(userData()));

/** Progress events become progress lines of `output`. */
export function openSession(output: Output): StudioSession {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const emit: Emit = (event, payload) => {
    listeners.get(event)?.forEach((listener) => listener(payload as never));
  };
  const studio = createStudio({
    launcher: createLauncher(),
    cuda: createCudaLibraries(userData()),
    runFiles,
    storage: sqliteStorage,
    recents: recentProjectsIn(join(userData(), 'recent-projects.json')),
    files: localFiles,
    reader: imageReader,
    // Nobody looks at them here: made when asked for, not in advance.
    thumbnails: { ...createThumbnails(), prepare: async () => {} },
    sample: sampleRenderer,
    preview: createPreviewThread(),
    documents: homedir(),
    emit,
  });
  const session: StudioSession = {
    async call(name, ...request) {
      const result = await studio.call(name, request[0]);
      if (result.ok) return result.value;
      const { code, message, advice, details } = result.error;
      throw new StudioFailure(code, message, advice, details === undefined ? undefined : { cause: details });
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listener as (payload: never) => void));
      return () => void set.delete(listener as (payload: never) => void);
    },
    picturePath: (imageId) => studio.pictures.picture(imageId),
    close: () => studio.close(),
  };
  session.on('operation.progress', ({ label, done, total }) => output.progress(label, done, total));
  return session;
}

/** Electron's folder for this app, so that projects made here are among the window's recent ones; SSD_STUDIO_DATA moves it. */
function userData(): string {
  const { SSD_STUDIO_DATA, APPDATA, XDG_CONFIG_HOME } = process.env;
  if (SSD_STUDIO_DATA) return SSD_STUDIO_DATA;
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'ssd-studio');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'ssd-studio');
  return join(XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'ssd-studio');
}
