/** Looking at the pictures of the open project, putting them into splits, and finding their files. */
import { checkDataset } from '@core/dataset/health';
import { StudioFailure } from '@core/contract/failure';
import type { HandlersOf } from './handlers';
import type { Files, ProjectStore, Thumbnails } from './ports';
import type { ProjectSession } from './session';

export function createImageHandlers(
  session: ProjectSession,
  files: Files,
): HandlersOf<
  | 'images.list'
  | 'images.ids'
  | 'images.get'
  | 'images.setSplit'
  | 'images.summary'
  | 'images.check'
  | 'images.objectColumns'
> {
  return {
    'images.list': async ({ filter, offset, limit }) => session.require().listImages(filter, offset, limit),
    'images.ids': async ({ filter }) => session.require().imageIds(filter),
    'images.get': async ({ id }) => {
      const { path: _path, ...image } = requireImage(session.require(), id);
      return image;
    },
    'images.setSplit': async ({ ids, split }) => session.require().setSplit(ids, split),
    'images.summary': async () => session.require().summary(),
    'images.check': async (_, { signal }) => {
      const store = session.require();
      await markMissingFiles(store, files, signal);
      return checkDataset(store.imagesOfSplit(null), store.info().classes);
    },
    'images.objectColumns': async () => session.require().objectColumns(),
  };
}

export function requireImage(store: ProjectStore, id: number) {
  const image = store.image(id);
  if (image === null) throw new StudioFailure('not-found', `There is no picture with the number ${id}.`);
  return image;
}

/** Where the files of pictures are, for the protocol that shows them. All throw StudioFailure when there is none. */
export interface PictureFiles {
  picture(imageId: number): Promise<string>;
  thumbnail(imageId: number): Promise<string>;
}

export function createPictureFiles(session: ProjectSession, thumbnails: Thumbnails): PictureFiles {
  return {
    picture: async (imageId) => requireImage(session.require(), imageId).path,
    thumbnail: async (imageId) => thumbnails.path(session.require(), imageId),
  };
}

const MISSING = 'The file is missing: ';

/** Marks pictures whose file is gone, and clears the mark of those that are back. Returns how many marks changed. */
export async function markMissingFiles(store: ProjectStore, files: Files, signal: AbortSignal): Promise<number> {
  let changed = 0;
  for (const image of store.imagesOfSplit(null)) {
    if (image.problem !== null && !image.problem.startsWith(MISSING)) continue;
    const exists = await files.exists(image.path);
    if (signal.aborted) return changed;
    const problem = exists ? null : `${MISSING}${image.path}`;
    if (problem === image.problem) continue;
    store.setProblem(image.id, problem);
    changed += 1;
  }
  return changed;
}
