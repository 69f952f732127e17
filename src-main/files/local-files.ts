/** The file system behind the port Files. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative as relativePath, sep } from 'node:path';
import { StudioFailure, throwIfCancelled } from '@core/contract/failure';
import type { Files, FoundFile } from '../services/ports';

export const localFiles: Files = { folder, exists, walk, read, write, copyInto, remove };

async function folder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw fileFailure(error, path);
  }
  throw new StudioFailure('not-found', `There is no folder ${path}.`, 'It may have been moved or renamed.');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function walk(root: string, signal: AbortSignal): Promise<readonly FoundFile[]> {
  const realRoot = await folder(root);
  const found: FoundFile[] = [];
  const waiting = [realRoot];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    throwIfCancelled(signal);
    for (const entry of await entriesOf(current)) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
      const path = join(current, entry.name);
      const relative = relativePath(realRoot, path).split(sep).join('/');
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) found.push({ relative, path, leadsOut: false });
      else if (entry.isSymbolicLink()) {
        const target = await linkTarget(path);
        const leadsOut = target === null || !isInside(realRoot, target.path);
        if (leadsOut || !target.isDirectory) found.push({ relative, path: target?.path ?? path, leadsOut });
      }
    }
  }
  return found.sort((a, b) => (a.relative < b.relative ? -1 : a.relative > b.relative ? 1 : 0));
}

async function entriesOf(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw fileFailure(error, path);
  }
}

async function linkTarget(path: string): Promise<{ readonly path: string; readonly isDirectory: boolean } | null> {
  try {
    const target = await realpath(path);
    return { path: target, isDirectory: (await stat(target)).isDirectory() };
  } catch {
    return null;
  }
}

function isInside(folderPath: string, path: string): boolean {
  return path.startsWith(folderPath.endsWith(sep) ? folderPath : folderPath + sep);
}

async function read(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw new StudioFailure('unreadable', `the file is larger than ${Math.round(maxBytes / 1e6)} MB`);
    }
    return await readFile(path);
  } catch (error) {
    throw fileFailure(error, path);
  }
}

async function write(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = temporaryNameOf(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(unfinished, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw fileFailure(error, path);
  }
}

async function copyInto(
  intoFolder: string,
  relative: string,
  source: string,
): Promise<{ readonly path: string; readonly copied: boolean }> {
  const plain = join(intoFolder, ...relative.split('/'));
  if (!isInside(intoFolder, plain)) throw new StudioFailure('not-allowed', `${relative} leads out of ${intoFolder}.`);
  let target = plain;
  if (await exists(plain)) {
    const hash = await contentHash(source);
    if ((await contentHash(plain)) === hash) return { path: plain, copied: false };
    const extension = extname(plain);
    target = join(dirname(plain), `${basename(plain, extension)}-${hash.slice(0, 12)}${extension}`);
    if (await exists(target)) return { path: target, copied: false };
  }
  const unfinished = temporaryNameOf(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, unfinished);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw fileFailure(error, target);
  }
  return { path: target, copied: true };
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function contentHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const temporaryNameOf = (path: string): string => join(dirname(path), `.${randomUUID()}.tmp`);
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

function fileFailure(error: unknown, path: string): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new StudioFailure('not-found', `There is no file ${path}.`, undefined, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StudioFailure('not-allowed', `${path} may not be read or written.`, 'Check its permissions.', {
        cause: error,
      });
    case 'ENOSPC':
      return new StudioFailure('disk-full', `The disk is full: ${path}.`, 'Free some space.', { cause: error });
    default:
      return error;
  }
}
