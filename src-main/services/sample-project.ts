/** The sample project of the first visit: pictures drawn by a program of ours. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { StudioFailure, throwIfCancelled } from '@core/contract/failure';
import type { Split } from '@core/dataset/model';
import type { ProjectInfo } from '@core/contract/projects';
import type { HandlersOf } from './handlers';
import type { OperationContext } from './operations';
import type { Files, NewImage, ProjectStorage, ProjectStore, SamplePicture, SampleRenderer } from './ports';

const SAMPLE_NAME = 'Parts on a belt';
const SEED = 20151208;

export interface SampleDependencies {
  readonly storage: ProjectStorage;
  readonly files: Files;
  readonly sample: SampleRenderer;
}

/** `adopt` goes on with the project when it is complete. */
export function createSampleHandlers(
  dependencies: SampleDependencies,
  adopt: (store: ProjectStore) => Promise<ProjectInfo>,
): HandlersOf<'projects.createSample'> {
  return {
    'projects.createSample': async ({ directory, images }, context) =>
      adopt(await createSampleProject(directory, images, dependencies, context)),
  };
}

/**
 * Draws the pictures into an empty or new folder and makes a project of them, 70 % train, 15 % val, 15 % test. Throws
 * StudioFailure 'already-exists' when the folder holds anything; when it fails or is cancelled, the folder is as before.
 */
async function createSampleProject(
  directory: string,
  count: number,
  { storage, files, sample }: SampleDependencies,
  { progress, signal }: OperationContext,
): Promise<ProjectStore> {
  const existed = await files.exists(directory);
  if (existed && (await files.walk(directory, signal)).length > 0) {
    throw new StudioFailure('already-exists', `The folder ${directory} is not empty.`, 'Choose another folder.');
  }
  let store: ProjectStore | null = null;
  try {
    const pictures: { readonly path: string; readonly picture: SamplePicture }[] = [];
    for (let index = 0; index < count; index++) {
      throwIfCancelled(signal);
      progress('Drawing pictures', index, count);
      const path = join(directory, 'images', `belt-${String(index + 1).padStart(4, '0')}.jpg`);
      pictures.push({ path, picture: await sample.draw(index, SEED, path) });
    }
    progress('Drawing pictures', count, count);
    store = storage.create(directory, SAMPLE_NAME, sample.classNames);
    const classIds = new Map(store.info().classes.map((c) => [c.name, c.id]));
    store.addImages(
      pictures.map(({ path, picture }, index): NewImage => ({
        path,
        fileName: path.slice(join(directory, 'images').length + 1),
        width: picture.width,
        height: picture.height,
        split: splitAt(index, count),
        objects: picture.objects.map(({ className, ...object }) => ({
          id: randomUUID(),
          classId: classIds.get(className)!,
          crowd: false,
          ...object,
        })),
      })),
    );
    return store;
  } catch (error) {
    store?.close();
    for (const name of ['images', 'project.sqlite', 'project.sqlite-wal', 'project.sqlite-shm']) {
      await files.remove(join(directory, name));
    }
    if (!existed) await files.remove(directory);
    throw error;
  }
}

/** Every picture is drawn independently, so that the order is as good as any shuffle. */
function splitAt(index: number, count: number): Split {
  const share = (index + 0.5) / count;
  return share < 0.7 ? 'train' : share < 0.85 ? 'val' : 'test';
}
