/** tfjs's WebAssembly backend: needs nothing, is always there, runs on one thread. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from './kernels';
import { portableKernels } from './kernels-portable';
import { registerWasmKernels } from './kernels-wasm';

export async function openWasm(): Promise<{ detail: string; kernels: Kernels }> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const root = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  setWasmPaths(join(root, 'dist') + sep);
  if (!(await tf.setBackend('wasm'))) throw new Error('its module did not start');
  registerWasmKernels();
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { detail: `1 thread${simd ? ', SIMD' : ''}`, kernels: portableKernels };
}
