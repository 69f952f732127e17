/**
 * Checkpoints of a run: safetensors files in runs/<id>/checkpoints. A file is written under another name, synced and renamed,
 * so that under its own name it is always whole; a checksum finds what the disk spoils later.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { NamedTensor } from './executor-parameters';
import { dataParts, decodeTensorFile, encodeTensorFile } from './safetensors-file';

/** Everything a training needs to go on as if it had never ended. Order and augmentation follow from the seed and the step. */
export interface Checkpoint {
  readonly step: number;
  /** Seconds of training so far, pauses left out. */
  readonly seconds: number;
  readonly weights: readonly NamedTensor[];
  readonly optimiser: readonly NamedTensor[];
}

/** The newest stay: one to go on from, one in case it is spoiled. */
const KEPT = 2;
const FILE = /^step-(\d+)\.safetensors$/;

const folderOf = (runDirectory: string): string => join(runDirectory, 'checkpoints');
const fileOf = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;

/** Returns the path. When it resolves the checkpoint has reached the disk. Throws StudioFailure 'disk-full'. */
export async function writeCheckpoint(runDirectory: string, checkpoint: Checkpoint): Promise<string> {
  const folder = folderOf(runDirectory);
  await mkdir(folder, { recursive: true });
  const tensors = [...prefixed('weights/', checkpoint.weights), ...prefixed('optimiser/', checkpoint.optimiser)];
  const metadata = {
    format: 'ssd-studio checkpoint 1',
    step: String(checkpoint.step),
    seconds: String(checkpoint.seconds),
    sha256: checksum(tensors),
  };
  const path = join(folder, fileOf(checkpoint.step));
  try {
    await writeSynced(`${path}.part`, encodeTensorFile({ tensors, metadata }));
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true });
    throw asFailure(error, checkpoint.step);
  }
  await syncFolder(folder);
  await removeOld(folder);
  return path;
}

async function writeSynced(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

function asFailure(error: unknown, step: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const message = `The checkpoint of step ${step} could not be written: the disk is full.`;
  const advice = 'The one before it is whole. Free some space, then continue the run.';
  return new StudioFailure('disk-full', message, advice, { cause: error });
}

/**
 * The newest checkpoint that is whole, or null when there is none at all.
 * @param spoiled is told about newer ones that could not be used
 * @throws Error when there are checkpoints and none is whole
 */
export async function readNewestCheckpoint(
  runDirectory: string,
  spoiled: (message: string) => void = () => {},
): Promise<Checkpoint | null> {
  const folder = folderOf(runDirectory);
  const names = (await checkpointNames(folder)).reverse();
  for (const name of names) {
    try {
      return await readCheckpoint(join(folder, name));
    } catch (error) {
      spoiled(`The checkpoint ${name} cannot be used: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }
  if (names.length > 0) throw new Error(`No checkpoint in ${folder} is whole.`);
  return null;
}

/** @throws Error when the file is not a whole checkpoint */
async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = decodeTensorFile(await readFile(path));
  const step = Number(metadata['step']);
  const seconds = Number(metadata['seconds']);
  if (!Number.isInteger(step) || !Number.isFinite(seconds)) throw new Error('it is not a checkpoint of SSD Studio');
  if (checksum(tensors) !== metadata['sha256']) throw new Error('its checksum is wrong');
  return { step, seconds, weights: withPrefix('weights/', tensors), optimiser: withPrefix('optimiser/', tensors) };
}

/** Removes every checkpoint: a run that starts again from the beginning. */
export async function removeCheckpoints(runDirectory: string): Promise<void> {
  await rm(folderOf(runDirectory), { recursive: true, force: true });
}

/** Oldest first. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => FILE.test(name)).sort((a, b) => stepOf(a) - stepOf(b));
}

const stepOf = (name: string): number => Number(FILE.exec(name)?.[1]);

async function removeOld(folder: string): Promise<void> {
  const whole = await checkpointNames(folder);
  const newest = whole[whole.length - 1];
  const unfinished = (await readdir(folder)).filter((name) => name.endsWith('.part') && !name.startsWith(newest));
  for (const name of [...whole.slice(0, -KEPT), ...unfinished]) await rm(join(folder, name), { force: true });
}

/** Makes the rename itself last; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function checksum(tensors: readonly NamedTensor[]): string {
  const hash = createHash('sha256');
  for (const { name, shape } of tensors) hash.update(`${name} ${shape.join(',')}\n`);
  for (const part of dataParts(tensors)) hash.update(part);
  return hash.digest('hex');
}

const prefixed = (prefix: string, tensors: readonly NamedTensor[]): NamedTensor[] =>
  tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));

function withPrefix(prefix: string, tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors
    .filter(({ name }) => name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));
}
