/**
 * thumbnails/<id>.jpg in the project's folder, made when first asked for. A thumbnail has the modification time of its
 * picture's file: when the two differ, the picture has changed and the thumbnail is made again.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { ProjectStore, StoredImage, Thumbnails } from '../services/ports';
import { thumbnail } from './decode';
import { ImageError } from './image-error';

/** Decoding a large photo takes some 100 MB; a screen of the grid asks for dozens at once. */
const MADE_AT_ONCE = 3;

export function createThumbnails(): Thumbnails {
  const inProgress = new Map<string, Promise<string>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= MADE_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // Hands its place to the next one, if any waits.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  async function path(store: ProjectStore, imageId: number): Promise<string> {
    const image = store.image(imageId);
    if (image === null) throw new StudioFailure('not-found', `There is no picture with the number ${imageId}.`);
    const file = thumbnailFile(store.directory, imageId);
    const known = inProgress.get(file);
    if (known !== undefined) return known;
    const making = upToDate(image, file, inTurn).finally(() => inProgress.delete(file));
    inProgress.set(file, making);
    return making;
  }

  async function prepare(store: ProjectStore, imageIds: readonly number[], signal: AbortSignal): Promise<void> {
    for (const id of imageIds) {
      if (signal.aborted) return;
      try {
        await path(store, id);
      } catch (error) {
        if (!(error instanceof StudioFailure)) throw error;
      }
    }
  }

  return { path, prepare };
}

export function thumbnailFile(directory: string, imageId: number): string {
  return join(directory, 'thumbnails', `${imageId}.jpg`);
}

async function upToDate(
  image: StoredImage,
  file: string,
  inTurn: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<string> {
  const source = await stat(image.path).catch(() => null);
  if (source === null) throw new StudioFailure('not-found', `The file of this picture is missing: ${image.path}.`);
  const made = await stat(file).catch(() => null);
  if (made !== null && isSameTime(made.mtimeMs, source.mtimeMs)) return file;
  const unfinished = join(dirname(file), `.${randomUUID()}.tmp`);
  try {
    const jpeg = await inTurn(() => thumbnail(image.path));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, jpeg);
    await utimes(unfinished, source.atime, source.mtime);
    await rename(unfinished, file);
    return file;
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof ImageError) throw new StudioFailure('unreadable', error.message, undefined, { cause: error });
    throw error;
  }
}

/** utimes and some file systems keep less than stat tells. */
const isSameTime = (a: number, b: number): boolean => Math.abs(a - b) < 10;
