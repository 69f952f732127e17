/** Creating, opening and closing projects, the recent ones, and their classes. */
import { basename, join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { ProjectInfo, RecentProject } from '@core/contract/projects';
import { IMAGE_SCHEME } from '@core/contract/studio';
import type { Background } from './background';
import type { HandlersOf } from './handlers';
import { markMissingFiles } from './images';
import type { Emit, Operations } from './operations';
import type { Files, ProjectStorage, ProjectStore, RecentProjects, Thumbnails } from './ports';
import type { ProjectSession } from './session';

export interface ProjectDependencies {
  readonly session: ProjectSession;
  readonly operations: Operations;
  readonly emit: Emit;
  readonly storage: ProjectStorage;
  readonly recents: RecentProjects;
  readonly files: Files;
  readonly thumbnails: Thumbnails;
  readonly background: Background;
  /** Where new projects are suggested: the user's documents. */
  readonly documents: string;
  /** Before another project is opened or this one closed: what runs on it ends. May refuse by throwing. */
  readonly beforeClose: () => Promise<void>;
  /** Right after a project was opened. */
  readonly afterOpen: (store: ProjectStore) => void;
}

type ProjectChannels =
  | 'projects.recent'
  | 'projects.current'
  | 'projects.create'
  | 'projects.open'
  | 'projects.close'
  | 'projects.forget'
  | 'projects.suggestFolder'
  | 'classes.add'
  | 'classes.rename'
  | 'operations.cancel';

export interface ProjectServices {
  readonly handlers: HandlersOf<ProjectChannels>;
  /** File of picture `picture` on the card of recent project `project`, both from 0, as projects.recent last answered. */
  recentPicture(project: number, picture: number): Promise<string>;
  /** Closes the project that is open and goes on with this one. */
  adopt(store: ProjectStore): Promise<ProjectInfo>;
  prepareThumbnails(): void;
}

export function createProjectServices(dependencies: ProjectDependencies): ProjectServices {
  const { session, operations, emit, storage, recents, files, thumbnails, background } = dependencies;
  let recentPictures: readonly (readonly string[])[] = [];

  function prepareThumbnails(): void {
    const { store } = session;
    if (store === null) return;
    background.start((signal) => thumbnails.prepare(store, store.imageIds({ problem: false }), signal));
  }

  async function closeCurrent(): Promise<void> {
    operations.cancelAll();
    await dependencies.beforeClose();
    await background.stop();
    session.use(null);
  }

  async function adopt(store: ProjectStore): Promise<ProjectInfo> {
    await closeCurrent();
    session.use(store);
    await recents.add(store.directory);
    dependencies.afterOpen(store);
    background.start(async (signal) => {
      if ((await markMissingFiles(store, files, signal)) > 0 && !signal.aborted) emit('dataset.changed', {});
    });
    prepareThumbnails();
    const info = store.info();
    emit('project.changed', info);
    return info;
  }

  async function recent(): Promise<readonly RecentProject[]> {
    const entries = await recents.list();
    const pictures: string[][] = [];
    const answered = await Promise.all(
      entries.map(async ({ directory, openedAt }, n): Promise<RecentProject> => {
        const glance = storage.glance(directory);
        pictures[n] = [];
        for (const id of glance?.imageIds ?? []) {
          const file = join(directory, 'thumbnails', `${id}.jpg`);
          if (await files.exists(file)) pictures[n].push(file);
        }
        return {
          directory,
          name: glance?.name ?? basename(directory),
          openedAt,
          exists: glance !== null,
          images: glance?.images ?? 0,
          objects: glance?.objects ?? 0,
          meanAveragePrecision: glance?.meanAveragePrecision ?? null,
          pictures: pictures[n].map((_, k) => `${IMAGE_SCHEME}://recent/${n}/${k}`),
        };
      }),
    );
    recentPictures = pictures;
    return answered;
  }

  async function suggestFolder(name: string): Promise<string> {
    const plain = folderName(name);
    for (let k = 1; ; k++) {
      const directory = join(dependencies.documents, k === 1 ? plain : `${plain} ${k}`);
      if (!(await files.exists(directory))) return directory;
    }
  }

  return {
    adopt,
    prepareThumbnails,
    async recentPicture(project, picture) {
      const file = recentPictures[project]?.[picture];
      if (file === undefined) throw new StudioFailure('not-found', 'There is no such picture.');
      return file;
    },
    handlers: {
      'projects.recent': recent,
      'projects.current': async () => session.store?.info() ?? null,
      'projects.create': async ({ directory, name, classes }) => {
        const store = storage.create(directory, name, classes);
        return adopt(store);
      },
      'projects.open': async ({ directory }) => {
        if (session.store?.directory === directory) return session.store.info();
        // Opened first: when it cannot be, the project that is open stays.
        return adopt(storage.open(directory));
      },
      'projects.close': async () => {
        await closeCurrent();
        emit('project.changed', null);
      },
      'projects.forget': async ({ directory }) => recents.forget(directory),
      'projects.suggestFolder': async ({ name }) => suggestFolder(name),
      'classes.add': async ({ name }) => {
        const classes = session.require().addClass(name);
        emit('project.changed', session.require().info());
        return classes;
      },
      'classes.rename': async ({ id, name }) => {
        const classes = session.require().renameClass(id, name);
        emit('project.changed', session.require().info());
        return classes;
      },
      'operations.cancel': async ({ operationId }) => operations.cancel(operationId),
    },
  };
}

/** A name that every file system takes, without the dots and spaces at the ends that Windows drops. */
function folderName(name: string): string {
  const plain = [...name]
    .map((character) => (/[<>:"/\\|?*]/.test(character) || character < ' ' ? '-' : character))
    .join('')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 100);
  return plain === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(plain) ? `Project ${plain}`.trim() : plain;
}
