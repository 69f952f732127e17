/**
 * Checkpoints of a run: safetensors files in runs/<id>/checkpoints. A file is written under another name, synced and renamed,
 * so that under its own name it is always whole; a checksum finds what the disk spoils later.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import { NO_VALIDATIONS, type ValidationHistory } from '@core/experiment/early-stopping';
import type { NamedTensor } from './executor-parameters';
import { dataParts, decodeTensorFile, encodeTensorFile } from './safetensors-file';
import { writeSynced } from './write-synced';

/** Everything a training needs to go on as if it had never ended. Order and augmentation follow from the seed and the step. */
export interface Checkpoint {
  readonly step: number;
  /** Seconds of training so far, pauses left out. */
  readonly seconds: number;
  readonly weights: readonly NamedTensor[];
  readonly optimiser: readonly NamedTensor[];
  /** The average of the weights; empty where the run keeps none. */
  readonly average: readonly NamedTensor[];
  readonly validations: ValidationHistory;
  /** The step at which the loss stopped being a number, when the run was set back; it goes on with half the learning rate. */
  readonly rolledBackFrom: number | null;
}

/** Weights before the first step. */
export const checkpointOf = (weights: readonly NamedTensor[]): Checkpoint => ({
  step: 0,
  seconds: 0,
  weights,
  optimiser: [],
  average: [],
  validations: NO_VALIDATIONS,
  rolledBackFrom: null,
});

/** Weights that predict. */
export interface DetectorWeights {
  readonly step: number;
  readonly weights: readonly NamedTensor[];
}

/** The newest stay: one to go on from, one in case it is spoiled. */
const KEPT = 2;
const FILE = /^step-(\d+)\.safetensors$/;

const folderOf = (runDirectory: string): string => join(runDirectory, 'checkpoints');
const fileOf = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;
const BEST_FILE = 'best.safetensors';
const FORMAT = 'ssd-studio checkpoint 1';

/** Returns the path. When it resolves the checkpoint has reached the disk. Throws StudioFailure 'disk-full'. */
export async function writeCheckpoint(runDirectory: string, checkpoint: Checkpoint): Promise<string> {
  const tensors = [
    ...prefixed('weights/', checkpoint.weights),
    ...prefixed('optimiser/', checkpoint.optimiser),
    ...prefixed('average/', checkpoint.average),
  ];
  const metadata = {
    step: String(checkpoint.step),
    seconds: String(checkpoint.seconds),
    validations: JSON.stringify(checkpoint.validations),
    rolledBackFrom: JSON.stringify(checkpoint.rolledBackFrom),
  };
  const path = await writeTensors(runDirectory, fileOf(checkpoint.step), tensors, metadata);
  await removeOld(folderOf(runDirectory));
  return path;
}

/** Puts weights in the place of the best checkpoint: they predict better on val than all before. Throws 'disk-full'. */
export async function writeBest(
  runDirectory: string,
  { step, weights, meanAveragePrecision }: DetectorWeights & { readonly meanAveragePrecision: number },
): Promise<void> {
  const metadata = { step: String(step), meanAveragePrecision: String(meanAveragePrecision) };
  await writeTensors(runDirectory, BEST_FILE, prefixed('weights/', weights), metadata);
}

async function writeTensors(
  runDirectory: string,
  name: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> & { readonly step: string },
): Promise<string> {
  const folder = folderOf(runDirectory);
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const described = { format: FORMAT, ...metadata, sha256: checksum(tensors) };
  try {
    await writeSynced(`${path}.part`, encodeTensorFile({ tensors, metadata: described }));
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true });
    throw asFailure(error, metadata.step);
  }
  await syncFolder(folder);
  return path;
}

function asFailure(error: unknown, step: string): unknown {
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

/**
 * What Detect, Evaluate and Export take: the best checkpoint, without one the newest, in it the average where there is one. Null
 * when there is no checkpoint.
 * @throws Error when there are checkpoints and none is whole
 */
export async function readDetectorWeights(runDirectory: string): Promise<DetectorWeights | null> {
  try {
    const { step, tensors } = await readTensors(join(folderOf(runDirectory), BEST_FILE));
    return { step, weights: withPrefix('weights/', tensors) };
  } catch {
    // There is none, or it is spoiled: the newest is there for that.
    const newest = await readNewestCheckpoint(runDirectory);
    if (newest === null) return null;
    return { step: newest.step, weights: newest.average.length > 0 ? newest.average : newest.weights };
  }
}

/** @throws Error when the file is not a whole checkpoint */
async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { step, tensors, metadata } = await readTensors(path);
  const seconds = Number(metadata['seconds']);
  if (!Number.isFinite(seconds)) throw new Error('it is not a checkpoint of SSD Studio');
  const [weights, optimiser, average] = ['weights/', 'optimiser/', 'average/'].map((prefix) =>
    withPrefix(prefix, tensors),
  );
  // Checkpoints from before these were kept have neither.
  const { validations = JSON.stringify(NO_VALIDATIONS), rolledBackFrom = 'null' } = metadata;
  return {
    step,
    seconds,
    weights,
    optimiser,
    average,
    validations: JSON.parse(validations) as ValidationHistory,
    rolledBackFrom: JSON.parse(rolledBackFrom) as number | null,
  };
}

async function readTensors(path: string) {
  const { tensors, metadata } = decodeTensorFile(await readFile(path));
  const step = Number(metadata['step']);
  if (!Number.isInteger(step)) throw new Error('it is not a checkpoint of SSD Studio');
  if (checksum(tensors) !== metadata['sha256']) throw new Error('its checksum is wrong');
  return { step, tensors, metadata };
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
