/** The weights that a run begins from, kept in its own folder as start.safetensors: some of its network's parameters, by name. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration } from '@core/experiment/run';
import type { Model } from './executor';
import type { NamedTensor } from './executor-parameters';
import { decodeTensorFile, encodeTensorFile } from './safetensors-file';

const FORMAT = 'ssd-studio start 1';

export const startWeightsPath = (runDirectory: string): string => join(runDirectory, 'start.safetensors');

/** The parts of the file, in order. */
export function encodeStartWeights(weights: readonly NamedTensor[]): Uint8Array[] {
  return encodeTensorFile({ tensors: weights, metadata: { format: FORMAT } });
}

/** Throws StudioFailure when the file is not there or not whole. */
export async function readStartWeights(runDirectory: string): Promise<readonly NamedTensor[]> {
  const path = startWeightsPath(runDirectory);
  try {
    const { tensors, metadata } = decodeTensorFile(await readFile(path));
    if (metadata['format'] !== FORMAT) throw new Error('it is no file of start weights');
    return tensors;
  } catch (error) {
    throw new StudioFailure(
      'unreadable',
      `The weights that this run begins from cannot be read: ${path}: ${error instanceof Error ? error.message : String(error)}.`,
      'Start a new run from the weight file.',
      { cause: error },
    );
  }
}

/** What a run's model begins with: its fresh weights, those of the file that the run begins from in their places. */
export async function beginningWeights(
  model: Model,
  { startWeights }: Pick<RunConfiguration, 'startWeights'>,
  runDirectory: string,
): Promise<readonly NamedTensor[]> {
  const fresh = await model.readWeights();
  return startWeights === null ? fresh : withStartWeights(fresh, await readStartWeights(runDirectory));
}

function withStartWeights(fresh: readonly NamedTensor[], start: readonly NamedTensor[]): NamedTensor[] {
  const given = new Map(start.map((tensor) => [tensor.name, tensor]));
  return fresh.map((tensor) => given.get(tensor.name) ?? tensor);
}
