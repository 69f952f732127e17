/**
 * Our own model file: safetensors with a network's weights under our parameter names, and in its metadata all that a detection
 * needs (src-core/weights/model-metadata.ts). Any reader of safetensors opens it.
 */
import { readFile, stat } from 'node:fs/promises';
import { StudioFailure } from '@core/contract/failure';
import { parameters } from '@core/network/parameters';
import { modelMetadata, parseModelMetadata, type ModelInformation } from '@core/weights/model-metadata';
import type { NamedTensor } from '../engine/executor-parameters';
import { describeRunNetwork } from '../engine/run-network';
import { decodeTensorFile } from '../engine/safetensors-file';
import { writeSafetensors } from './safetensors-writer';

/** What Node reads into one buffer. */
const MAX_BYTES = 2_000_000_000;

export interface ModelFile extends ModelInformation {
  /** Every parameter of the network and no other. */
  readonly weights: readonly NamedTensor[];
}

/** Complete on disk or not at all; returns its size in bytes. Throws StudioFailure 'disk-full', 'not-allowed'. */
export async function writeModelFile(path: string, model: ModelFile): Promise<number> {
  return writeSafetensors(path, model.weights, modelMetadata(model));
}

/** Throws StudioFailure 'unreadable' when the file is not a whole model of ours. */
export async function readModelFile(path: string): Promise<ModelFile> {
  try {
    const { tensors, metadata } = decodeTensorFile(await readBytes(path));
    const model = parseModelMetadata(metadata);
    if (model === null) throw new Error('it is no model of SSD Studio');
    return { ...model, weights: weightsOf(model, tensors) };
  } catch (error) {
    if (error instanceof StudioFailure) throw error;
    throw new StudioFailure(
      'unreadable',
      `${path} cannot be used as a model: ${error instanceof Error ? error.message : String(error)}.`,
      "Give a .safetensors file that SSD Studio wrote; another project's weights are brought in with `weights import`.",
      { cause: error },
    );
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? 'there is no such file' : error.message);
  });
  if (size > MAX_BYTES) throw new Error('it is larger than 2 GB');
  return readFile(path);
}

/** Checked here, so that a wrong file is refused by name before any engine starts. */
function weightsOf(model: ModelInformation, tensors: readonly NamedTensor[]): NamedTensor[] {
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return parameters(describeRunNetwork(model, model.classNames)).map(({ name, shape }) => {
    const tensor = given.get(name);
    if (tensor === undefined) throw new Error(`the weight ${name} is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(`${name} has the shape [${tensor.shape.join(', ')}], the network needs [${shape.join(', ')}]`);
    }
    if (!tensor.values.every(Number.isFinite)) throw new Error(`${name} holds a value that is no finite number`);
    return tensor;
  });
}
