/**
 * Fetching and unpacking the CUDA libraries. Everything is made beside the installation and takes its place at the end. After a
 * lost connection or a crash what has come stays and is used the next time; after a cancellation or a failure that the next
 * try would meet again nothing stays.
 */
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StudioFailure, throwIfCancelled } from '@core/contract/failure';
import { diskFault, download } from './download';
import { ConnectionLost } from './http';
import {
  type CudaPlaces,
  type InstalledPackage,
  isWhole,
  readManifest,
  removeFolder,
  writeManifest,
} from './installed';
import { takeLock } from './lock';
import type { PlannedWheel } from './plan';
import { unpackWheel } from './unpack';

/** Beside what is counted, so that the disk is not filled to the last byte. */
const SPARE_BYTES = 100e6;
const MEGABYTE = 1e6;

export interface InstallOptions {
  readonly places: CudaPlaces;
  readonly wheels: readonly PlannedWheel[];
  readonly signal: AbortSignal;
  readonly progress: (label: string, done: number, total: number) => void;
  /** Loads what was unpacked; throws when it does not work here. */
  readonly verify: (folder: string) => Promise<void>;
  readonly freeBytes?: (folder: string) => Promise<number>;
  readonly waits?: readonly number[];
}

/** Throws StudioFailure: 'disk-full', 'cancelled', 'busy', 'unreadable', 'not-allowed'. */
export async function installWheels(options: InstallOptions): Promise<void> {
  const { places, signal } = options;
  await mkdir(places.unfinished, { recursive: true });
  const release = await takeLock(join(places.unfinished, 'installing.pid'));
  try {
    await fillTree(options);
    throwIfCancelled(signal);
    await options.verify(places.tree);
    throwIfCancelled(signal);
    await adopt(places);
  } catch (error) {
    if (!(error instanceof ConnectionLost)) await removeFolder(places.unfinished);
    throw error;
  } finally {
    await release();
  }
}

export interface WholePackage {
  readonly folder: string;
  readonly package: InstalledPackage;
}

/** What of each wheel lies in one of the folders and is whole: of a broken try, or of the installation that is repaired. */
export async function wholePackages(
  folders: readonly string[],
  wheels: readonly PlannedWheel[],
  signal: AbortSignal,
  checking: (done: number) => void = () => {},
): Promise<Map<PlannedWheel, WholePackage>> {
  const found = new Map<PlannedWheel, WholePackage>();
  for (const folder of folders) {
    const packages = (await readManifest(folder))?.packages ?? [];
    for (const wheel of wheels) {
      const known = packages.find(({ sha256, name }) => sha256 === wheel.sha256 && name === wheel.name);
      if (known === undefined || found.has(wheel)) continue;
      if (await isWhole(folder, known, signal)) found.set(wheel, { folder, package: known });
      checking(found.size);
    }
  }
  return found;
}

async function fillTree({
  places,
  wheels,
  signal,
  progress,
  waits,
  freeBytes = freeOn,
}: InstallOptions): Promise<void> {
  // The tree begins empty: an earlier try may have left a package half unpacked, or one that is not wanted any more.
  const before = `${places.tree}.before`;
  if (existsSync(places.tree)) {
    await removeFolder(before);
    await rename(places.tree, before);
  }
  const whole = await wholePackages([before, places.installed], wheels, signal, (done) =>
    progress('Checking files', done, wheels.length),
  );
  await requireRoom(places, neededBytes(wheels, whole), freeBytes);
  const packages: InstalledPackage[] = [];
  const missing = wheels.filter((wheel) => !whole.has(wheel));
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  let fetched = 0;
  await mkdir(places.archives, { recursive: true });
  for (const there of whole.values()) {
    await linkFiles(there.folder, places.tree, there.package);
    packages.push(there.package);
  }
  await writeManifest(places.tree, packages);
  await removeFolder(before);
  for (const wheel of missing) {
    const what = `${wheel.name} ${wheel.version}`;
    const archive = join(places.archives, `${wheel.sha256}.whl`);
    const report = (verb: string, bytes: number): void =>
      progress(
        `${verb} ${what}, MB`,
        Math.round((fetched + bytes) / MEGABYTE),
        Math.max(1, Math.round(total / MEGABYTE)),
      );
    await download(archive, {
      url: wheel.url,
      sha256: wheel.sha256,
      what,
      signal,
      progress: (bytes) => report('Downloading', bytes),
      ...(waits && { waits }),
    });
    report('Unpacking', wheel.bytes);
    const files = await unpackWheel(archive, what, places.tree, signal);
    packages.push({ name: wheel.name, version: wheel.version, sha256: wheel.sha256, files });
    await writeManifest(places.tree, packages);
    await rm(archive);
    fetched += wheel.bytes;
  }
  await linkSonames(places.tree);
}

/** For what is not there yet: its files, and the largest archive while it is unpacked. */
export function neededBytes(wheels: readonly PlannedWheel[], whole: ReadonlyMap<PlannedWheel, unknown>): number {
  const missing = wheels.filter((wheel) => !whole.has(wheel));
  if (missing.length === 0) return 0;
  const unpacked = missing.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  return unpacked + Math.max(...missing.map(({ bytes }) => bytes)) + SPARE_BYTES;
}

export async function freeOn(folder: string): Promise<number> {
  for (let place = folder; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (error) {
      if (dirname(place) === place) throw error;
    }
  }
}

async function requireRoom(places: CudaPlaces, needed: number, freeBytes: (folder: string) => Promise<number>) {
  const free = await freeBytes(places.unfinished);
  if (free >= needed) return;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new StudioFailure(
    'disk-full',
    `The CUDA libraries need ${gigabytes(needed)} on the disk of ${places.installed}, and ${gigabytes(free)} are free.`,
    `Free ${gigabytes(needed - free)} there and try again.`,
  );
}

async function linkFiles(from: string, to: string, { files }: InstalledPackage): Promise<void> {
  for (const { place } of files) {
    const target = join(to, place);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { force: true });
    await link(join(from, place), target).catch(() =>
      copyFile(join(from, place), target).catch((error: unknown) => {
        throw diskFault(error, target);
      }),
    );
  }
}

/** A binding from tfjs-node's own download asks for libtensorflow.so.2. */
async function linkSonames(tree: string): Promise<void> {
  const library = join(tree, 'deps/lib/libtensorflow_cc.so.2');
  for (const name of ['libtensorflow.so.2', 'libtensorflow.so']) {
    const alias = join(tree, 'deps/lib', name);
    await rm(alias, { force: true });
    await link(library, alias).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function adopt({ installed, unfinished, tree }: CudaPlaces): Promise<void> {
  const before = `${installed}.old`;
  await removeFolder(before);
  await rename(installed, before).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(tree, installed);
  await removeFolder(before);
  await removeFolder(unfinished);
}
