/** Loading TensorFlow through tfjs-node, on the processor or on an NVIDIA GPU. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { cudaFolder, describeNvidia, hasNvidiaDriver, loadBindingFrom } from './engines-cuda';
import { EngineError } from './engines-error';
import type { Kernels } from './kernels';
import { tensorflowKernels } from './kernels-tensorflow';
import { bfloat16Kernels } from './kernels-tensorflow-bfloat16';
import type { Recorder } from './recording';
import type { TensorflowBackend } from './tensorflow-backend';
import { tensorflowRecorder } from './tensorflow-recorder';

const require = createRequire(import.meta.url);

const INSTALL_CUDA = 'ssd-studio engines install cuda';

export async function openTensorflow(): Promise<{
  detail: string;
  kernels: Kernels;
  bfloat16: Kernels;
  recorder: Recorder;
}> {
  const backend = await load('@tensorflow/tfjs-node');
  const version = backend.binding.TF_Version;
  const processor = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor';
  const kernels = tensorflowKernels(backend);
  return {
    detail: `TensorFlow ${version}, ${availableParallelism()} threads, ${processor}`,
    kernels,
    bfloat16: bfloat16Kernels(backend, kernels),
    recorder: tensorflowRecorder(backend),
  };
}

/** The CUDA build in the user's data folder, else the one that tfjs-node-gpu's own set-up has fetched. */
export async function openCuda(): Promise<{ detail: string; kernels: Kernels }> {
  if (!hasNvidiaDriver()) throw new EngineError('no NVIDIA GPU with its driver was found', null);
  const folder = cudaFolder();
  if (folder === null && !hasBinding('@tensorflow/tfjs-node-gpu')) {
    throw new EngineError('the CUDA libraries are not installed', INSTALL_CUDA);
  }
  const backend = await load(folder === null ? '@tensorflow/tfjs-node-gpu' : 'cuda', folder);
  const version = backend.binding.TF_Version;
  if (!backend.isUsingGpuDevice) {
    throw new EngineError(
      `TensorFlow ${version} for CUDA is there but sees no GPU (${describeNvidia() || 'the driver says nothing'})`,
      'Update the NVIDIA driver to 525.60 or newer',
    );
  }
  return {
    detail: [`TensorFlow ${version}`, 'CUDA', describeNvidia()].filter(Boolean).join(', '),
    kernels: tensorflowKernels(backend),
  };
}

/** Loads the CUDA build of a folder, wherever there is a GPU or none. Throws with the loader's words when it does not load. */
export async function loadCuda(folder: string): Promise<{ version: string; gpu: boolean }> {
  const backend = await load('cuda', folder);
  return { version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
}

/** Whether tfjs-node has its native part, without loading it. */
export const isTensorflowInstalled = (): boolean => hasBinding('@tensorflow/tfjs-node');

function hasBinding(packageName: string): boolean {
  try {
    const root = dirname(require.resolve(`${packageName}/package.json`));
    return existsSync(join(root, 'lib/napi-v8/tfjs_binding.node'));
  } catch {
    return false;
  }
}

type Build = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu' | 'cuda';

/** Only one libtensorflow fits into a process: the first one loaded stays. */
let loaded: Build | null = null;

/** @param folder of the build 'cuda' */
async function load(build: Build, folder: string | null = null): Promise<TensorflowBackend> {
  if (loaded === null) {
    requireBuild(build, folder);
    loaded = build;
  }
  if (!(await tf.setBackend('tensorflow'))) throw new EngineError('TensorFlow did not start', null);
  const backend = tf.backend() as unknown as TensorflowBackend;
  // The CUDA build that found no GPU computes on the processor and serves as the other one.
  if (loaded !== build && backend.isUsingGpuDevice) {
    throw new EngineError('TensorFlow already computes on the GPU in this process', null);
  }
  return backend;
}

function requireBuild(build: Build, folder: string | null): void {
  restoreUtilFunctions();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const packageName = build === 'cuda' ? '@tensorflow/tfjs-node' : build;
  try {
    if (folder !== null) loadBindingFrom(folder);
    require(packageName);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (folder !== null) throw new EngineError(`the CUDA libraries do not load: ${firstLine(error)}`, INSTALL_CUDA);
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' || /native addon/.test(String(error));
    throw new EngineError(
      missing ? `the TensorFlow library of ${packageName} is not installed` : firstLine(error),
      missing ? 'npm run setup' : null,
    );
  }
}

const firstLine = (error: unknown) => String((error as Error).message).split('\n')[0];

/** tfjs-node 4.22 calls util functions that Node 23 removed. */
function restoreUtilFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
