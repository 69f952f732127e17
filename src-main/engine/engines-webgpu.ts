/**
 * WebGPU: any GPU with a Vulkan, Metal or Direct3D 12 driver. Under Node through Dawn's package; in a page of Electron
 * through Chromium, because V8's memory cage there forbids the buffers that Dawn's package hands out.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type { WebGpuReport } from '../services/ports';
import { EngineError, OpensElsewhere } from './engines-error';
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
  /** Where `info` has none yet. */
  readonly isFallbackAdapter?: boolean;
  requestDevice(options: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<GpuDevice>;
}

type GpuError = { readonly message: string };
type ErrorFilter = 'out-of-memory' | 'validation' | 'internal';

interface GpuBuffer {
  destroy(): void;
}

interface GpuDevice {
  readonly lost: Promise<GpuError>;
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

const LOST_HELP = 'Continue the run: it goes on from its last checkpoint. If it happens again, use another engine.';

/** Set to 1, `auto` takes a Vulkan that computes on the processor too: for tests. */
const ACCEPT_SOFTWARE = 'SSD_STUDIO_SOFTWARE_GPU';

/**
 * @param named asked for by its name, and not one of several that may do
 * @param elsewhere what it is in another process of ours, where this one cannot have it
 * @throws OpensElsewhere when it is ready there
 */
export async function openWebGpu(
  named: boolean,
  elsewhere: WebGpuReport | null = null,
): Promise<Pick<Engine, 'detail' | 'kernels' | 'adapter' | 'attempt'>> {
  if (elsewhere !== null) {
    if (!elsewhere.ready) throw new EngineError(elsewhere.detail, elsewhere.help);
    requireWanted(elsewhere, named);
    throw new OpensElsewhere();
  }
  const adapter = await requestAdapter(await findGpu());
  const name = nameOf(adapter.info);
  const software = isSoftware(adapter);
  requireWanted({ name, software }, named);
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const { WebGPUBackend } = (await import('@tensorflow/tfjs-backend-webgpu')) as unknown as BackendModule;
  tf.removeBackend('webgpu');
  const backend = new WebGPUBackend(device, adapter.info);
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu'))) throw new EngineError('the WebGPU backend did not start', null);
  registerPrograms();
  const gigabytes = (adapter.limits['maxBufferSize'] / 2 ** 30).toFixed(1);
  let lost: string | null = null;
  void device.lost.then(({ message }) => (lost = message || 'its driver gave no reason'));
  return {
    detail: `${name}${software ? ', computed on the processor' : ''}, buffers up to ${gigabytes} GB`,
    kernels: webGpuKernels,
    adapter: { name, software },
    attempt: (work) =>
      attempt(device, backend, work).catch((error: unknown) => {
        throw lost === null ? error : new EngineError(`the GPU stopped working (${lost})`, LOST_HELP);
      }),
  };
}

/** Nobody gets a program in place of a GPU who has not asked for it. */
function requireWanted({ name, software }: { name: string; software: boolean }, named: boolean): void {
  if (!software || named || process.env[ACCEPT_SOFTWARE] === '1') return;
  throw new EngineError(`the only GPU is a program (${name}), which is slower than the processor`, null);
}

/** Chromium's where this is a page, else Dawn's. */
async function findGpu(): Promise<Gpu> {
  if (process.versions.electron === undefined) return loadDawn();
  const { gpu } = navigatorObject() as { gpu?: Gpu };
  if (gpu !== undefined) return gpu;
  throw new EngineError('this job cannot be done by a process that has WebGPU', null);
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

function isSoftware({ info, isFallbackAdapter }: GpuAdapter): boolean {
  const { description, device, architecture } = info;
  return (
    isFallbackAdapter === true ||
    info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${description} ${device} ${architecture}`)
  );
}
