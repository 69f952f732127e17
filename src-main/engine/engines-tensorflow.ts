/** Loading TensorFlow through tfjs-node, on the processor or on an NVIDIA GPU. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from './engines-error';
import type { Kernels } from './kernels';
import { tensorflowKernels } from './kernels-tensorflow';
import { bfloat16Kernels } from './kernels-tensorflow-bfloat16';
import type { TensorflowBackend } from './tensorflow-backend';

const require = createRequire(import.meta.url);

export async function openTensorflow(): Promise<{ detail: string; kernels: Kernels; bfloat16: Kernels }> {
  const backend = await load('@tensorflow/tfjs-node');
  const version = backend.binding.TF_Version;
  const processor = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor';
  const kernels = tensorflowKernels(backend);
  return {
    detail: `TensorFlow ${version}, ${availableParallelism()} threads, ${processor}`,
    kernels,
    bfloat16: bfloat16Kernels(backend, kernels),
  };
}

export async function openCuda(): Promise<{ detail: string; kernels: Kernels }> {
  if (!hasNvidiaDriver()) throw new EngineError('no NVIDIA GPU with its driver was found', null);
  const backend = await load('@tensorflow/tfjs-node-gpu');
  if (!backend.isUsingGpuDevice) {
    throw new EngineError('TensorFlow is there but sees no GPU', 'Install the CUDA and cuDNN libraries it asks for');
  }
  return { detail: `TensorFlow ${backend.binding.TF_Version}, CUDA`, kernels: tensorflowKernels(backend) };
}

function hasNvidiaDriver(): boolean {
  return ['/proc/driver/nvidia/version', '/dev/nvidiactl', 'C:\\Windows\\System32\\nvcuda.dll'].some((path) =>
    existsSync(path),
  );
}

/** Whether tfjs-node has its native part, without loading it. */
export function isTensorflowInstalled(): boolean {
  try {
    const root = dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
    return existsSync(join(root, 'lib/napi-v8/tfjs_binding.node'));
  } catch {
    return false;
  }
}

type TensorflowPackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/** Only one libtensorflow fits into a process: the first one loaded stays. */
let loaded: TensorflowPackage | null = null;

async function load(packageName: TensorflowPackage): Promise<TensorflowBackend> {
  if (loaded === null) {
    requirePackage(packageName);
    loaded = packageName;
  }
  if (!(await tf.setBackend('tensorflow'))) throw new EngineError('TensorFlow did not start', null);
  const backend = tf.backend() as unknown as TensorflowBackend;
  // The CUDA build that found no GPU computes on the processor and serves as the other one.
  if (loaded !== packageName && backend.isUsingGpuDevice) {
    throw new EngineError('TensorFlow already computes on the GPU in this process', null);
  }
  return backend;
}

function requirePackage(packageName: TensorflowPackage): void {
  restoreUtilFunctions();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    require(packageName);
  } catch (error) {
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
