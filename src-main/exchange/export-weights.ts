/** Weights alone as files that others read. Each is reopened by our own reader, and every tensor compared bit for bit. */
import type { TensorVerification, WeightsExport } from '@core/contract/exports';
import { exportNames, naturalLayout } from '@core/weights/export-names';
import type { NamedTensor } from '../engine/executor-parameters';
import { describeRunNetwork } from '../engine/run-network';
import type { ExportJob } from '../services/ports';
import type { ExportProgress } from './export-run';
import { type ModelFile, writeModelFile } from './model-file';
import { writePyTorchZip } from './pytorch-writer';
import { openWeightFile } from './weight-file';

/** A model file of ours: what `detect` and `weights import` take, and any reader of safetensors opens. */
export async function exportSafetensors(
  model: ModelFile,
  path: string,
  progress: ExportProgress,
): Promise<WeightsExport> {
  progress('Writing the weights', 1, 3);
  const bytes = await writeModelFile(path, model);
  const verification = await verifyTensors(path, model.weights, progress);
  return { format: 'safetensors', path, bytes, names: 'studio', verification };
}

/** A state dict as torch.load opens it, under the names of the job or those natural to the network. */
export async function exportPyTorch(
  model: ModelFile,
  { path, names }: Pick<ExportJob, 'path' | 'names'>,
  progress: ExportProgress,
): Promise<WeightsExport> {
  progress('Writing the weights', 1, 3);
  const network = describeRunNetwork(model, model.classNames);
  const layout = names ?? naturalLayout(network);
  const nameThere = exportNames(network, layout);
  const tensors = model.weights.map((weight) => ({ ...weight, name: nameThere.get(weight.name)! }));
  const bytes = await writePyTorchZip(path, tensors);
  const verification = await verifyTensors(path, tensors, progress);
  return { format: 'pytorch', path, bytes, names: layout, verification };
}

async function verifyTensors(
  path: string,
  written: readonly NamedTensor[],
  progress: ExportProgress,
): Promise<TensorVerification> {
  progress('Reopening the file', 2, 3);
  const file = await openWeightFile(path);
  try {
    const found = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
    const different = new Set([...found.keys()].filter((name) => !written.some((tensor) => tensor.name === name)));
    for (const { name, shape, values } of written) {
      const tensor = found.get(name);
      const same = tensor?.shape.join() === shape.join() && sameBits(await file.read(name), values);
      if (!same) different.add(name);
    }
    progress('Compared', 3, 3);
    return { tensors: written.length, different: [...different], passed: different.size === 0 };
  } finally {
    await file.close();
  }
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bytes(a).equals(bytes(b));
}
