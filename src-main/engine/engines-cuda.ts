/**
 * TensorFlow's CUDA build out of the user's data folder (src-main/cuda). The binding of tfjs-node is the same for both builds: it
 * knows libtensorflow by its C interface, and finds it beside itself by its run path. So a copy of it lies in that folder.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from './engines-error';

const require = createRequire(import.meta.url);

/** Where the CUDA libraries lie if they are installed; whoever launches a compute process says so. */
export function cudaFolder(): string | null {
  const folder = process.env['SSD_STUDIO_CUDA'];
  return folder !== undefined && existsSync(join(folder, 'manifest.json')) ? folder : null;
}

const BINDING = 'lib/napi-v8/tfjs_binding.node';

/**
 * Loads the binding that lies in the folder and puts it in the place of tfjs-node's own, which must not be loaded yet.
 * Throws EngineError when there is no binding, Error with the loader's words when a library is missing or too new.
 */
export function loadBindingFrom(folder: string): void {
  const own = join(dirname(require.resolve('@tensorflow/tfjs-node/package.json')), BINDING);
  if (!existsSync(own)) throw new EngineError('the binding of tfjs-node is missing', 'npm run setup');
  const placed = join(folder, BINDING);
  placeBinding(own, placed);
  // Otherwise the first one takes all memory of the GPU, and a detection beside a training fails.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // With it, kernels are compiled for a GPU that is newer than the libraries.
  process.env['PATH'] = `${join(folder, 'deps/nvidia/cuda_nvcc/bin')}:${process.env['PATH'] ?? ''}`;
  const loaded = new Module(own);
  process.dlopen(loaded, placed);
  loaded.filename = own;
  loaded.loaded = true;
  require.cache[own] = loaded;
}

/** Another version of the studio may have left another binding there. */
function placeBinding(own: string, placed: string): void {
  const bytes = readFileSync(own);
  if (existsSync(placed) && bytes.equals(readFileSync(placed))) return;
  mkdirSync(dirname(placed), { recursive: true });
  const temporary = `${placed}.${process.pid}`;
  writeFileSync(temporary, bytes, { mode: 0o755 });
  renameSync(temporary, placed);
}

export function hasNvidiaDriver(): boolean {
  return [
    '/proc/driver/nvidia/version',
    '/dev/nvidiactl',
    '/usr/lib/wsl/lib/libcuda.so.1',
    'C:\\Windows\\System32\\nvcuda.dll',
  ].some((path) => existsSync(path));
}

/** "NVIDIA H100 80GB, driver 550.54.15", as far as the driver says; empty where it says nothing. */
export function describeNvidia(): string {
  const names = models();
  const driver = /Kernel Module[^\d]*([\d.]+)/.exec(readOrEmpty('/proc/driver/nvidia/version'))?.[1];
  return [...names, ...(driver === undefined ? [] : [`driver ${driver}`])].join(', ');
}

function models(): string[] {
  const gpus = '/proc/driver/nvidia/gpus';
  try {
    return readdirSync(gpus).flatMap((gpu) => {
      const model = /^Model:\s*(.+)$/m.exec(readOrEmpty(join(gpus, gpu, 'information')))?.[1];
      return model === undefined ? [] : [model.trim()];
    });
  } catch {
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
