/** WebGPU through Dawn for Node: any GPU with a Vulkan, Metal or Direct3D 12 driver. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from './engines-error';
import type { Engine } from './engines';
import { webGpuKernels } from './kernels-webgpu';
import { isOutOfMemory, OutOfMemory } from './out-of-memory';
import { registerPrograms } from './webgpu-program';

/** What this file uses of WebGPU's interfaces. */
interface GpuAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(options: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<GpuDevice>;
}

type GpuError = { readonly message: string };
type ErrorFilter = 'out-of-memory' | 'validation' | 'internal';

interface GpuBuffer {
  destroy(): void;
}

interface GpuDevice {
  pushErrorScope(filter: ErrorFilter): void;
  popErrorScope(): Promise<GpuError | null>;
}

interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

type BackendModule = {
  readonly WebGPUBackend: new (device: GpuDevice, info: GpuAdapter['info']) => Backend;
};

interface Backend extends tf.KernelBackend {
  /** Buffers that wait to be used again, by size. */
  readonly bufferManager: { readonly freeBuffers: Map<string, GpuBuffer[]>; numFreeBuffers: number };
}

/** Of these a device gets all that its adapter has; the rest stays at WebGPU's defaults. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

/** Set to 1, `auto` takes a Vulkan that computes on the processor too: for tests. */
const ACCEPT_SOFTWARE = 'SSD_STUDIO_SOFTWARE_GPU';

/** @param named asked for by its name, and not one of several that may do */
export async function openWebGpu(named: boolean): Promise<Pick<Engine, 'detail' | 'kernels' | 'attempt'>> {
  requireNode();
  const adapter = await requestAdapter(await loadDawn());
  const { info } = adapter;
  const software = isSoftware(info);
  if (software && !named && process.env[ACCEPT_SOFTWARE] !== '1') {
    throw new EngineError(`the only GPU is a program (${nameOf(info)}), which is slower than the processor`, null);
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const { WebGPUBackend } = (await import('@tensorflow/tfjs-backend-webgpu')) as unknown as BackendModule;
  tf.removeBackend('webgpu');
  const backend = new WebGPUBackend(device, info);
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu'))) throw new EngineError('the WebGPU backend did not start', null);
  registerPrograms();
  const gigabytes = (adapter.limits['maxBufferSize'] / 2 ** 30).toFixed(1);
  return {
    detail: `${nameOf(info)}${software ? ', computed on the processor' : ''}, buffers up to ${gigabytes} GB`,
    kernels: webGpuKernels,
    attempt: (work) => attempt(device, backend, work),
  };
}

/** Electron forbids native code to hand out memory of its own, and Dawn maps buffers in no other way: trying ends the process. */
function requireNode(): void {
  if (process.versions.electron === undefined) return;
  throw new EngineError(
    'WebGPU needs memory that it shares with the program, which Electron forbids',
    'On the command line, under Node: studio train --engine webgpu',
  );
}

/** An allocation that fails is told to the error scope alone; what was computed with it is void. */
async function attempt<T>(device: GpuDevice, { bufferManager }: Backend, work: () => Promise<T>): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let done: { readonly result: T } | { readonly error: unknown };
  try {
    done = { result: await work() };
  } catch (error) {
    done = { error };
  }
  const [invalid, memory] = [await device.popErrorScope(), await device.popErrorScope()];
  const short = memory !== null || (invalid !== null && isOutOfMemory(new Error(invalid.message)));
  if (short || ('error' in done && isOutOfMemory(done.error))) {
    bufferManager.freeBuffers.forEach((buffers) => buffers.splice(0).forEach((buffer) => buffer.destroy()));
    bufferManager.numFreeBuffers = 0;
    throw new OutOfMemory((memory ?? invalid)?.message ?? 'the GPU is out of memory');
  }
  if ('error' in done) throw done.error;
  if (invalid !== null) throw new Error(`the GPU refused a program: ${invalid.message}`);
  return done.result;
}

async function loadDawn(): Promise<Gpu> {
  try {
    const { create, globals } = (await import('webgpu')) as unknown as {
      create(options: string[]): Gpu;
      globals: Record<string, unknown>;
    };
    Object.assign(globalThis, globals);
    const gpu = create([]);
    // tfjs asks navigator.gpu whether there is WebGPU.
    Object.defineProperty(navigatorObject(), 'gpu', { value: gpu, configurable: true });
    return gpu;
  } catch (error) {
    const message = String((error as Error).message).split('\n')[0];
    const missing = isMissing(error);
    throw new EngineError(
      missing ? 'the package webgpu is not installed' : `the package webgpu does not load here: ${message}`,
      missing ? 'npm install webgpu' : null,
    );
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return false;
  try {
    createRequire(import.meta.url).resolve('webgpu');
    return false;
  } catch {
    return true;
  }
}

/** Before Node 21 there is none. */
function navigatorObject(): object {
  const scope = globalThis as { navigator?: object };
  if (!scope.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  return scope.navigator!;
}

async function requestAdapter(gpu: Gpu): Promise<GpuAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return adapter;
  throw new EngineError(
    'no GPU with a driver for Vulkan, Metal or Direct3D 12 was found',
    process.platform === 'linux'
      ? 'Install the Vulkan driver of the GPU and libvulkan1'
      : 'Install the driver of the GPU',
  );
}

const nameOf = ({ description, device, vendor, architecture }: GpuAdapter['info']): string =>
  description || device || `${vendor} ${architecture}`.trim() || 'unknown GPU';

function isSoftware({ description, device, architecture, isFallbackAdapter }: GpuAdapter['info']): boolean {
  return (
    isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${description} ${device} ${architecture}`)
  );
}
