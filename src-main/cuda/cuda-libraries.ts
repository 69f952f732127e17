/** The port CudaLibraries over the user's data folder and a package index. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CudaPlan, CudaState } from '@core/contract/engines';
import { StudioFailure } from '@core/contract/failure';
import type { CudaLibraries } from '../services/ports';
import { freeOn, installWheels, neededBytes, wholePackages } from './install';
import { bytesOf, cudaPlaces, missingFile, readManifest, removeFolder } from './installed';
import { isHeld } from './lock';
import { indexAddress } from './package-index';
import { type PlannedWheel, planWheels } from './plan';

interface Settings {
  readonly environment?: NodeJS.ProcessEnv;
  readonly platform?: string;
  readonly waits?: readonly number[];
  readonly freeBytes?: (folder: string) => Promise<number>;
}

const NVIDIA_DRIVER = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/usr/lib/wsl/lib/libcuda.so.1'];

export function createCudaLibraries(userData: string, settings: Settings = {}): CudaLibraries {
  const {
    environment = process.env,
    platform = `${process.platform}-${process.arch}`,
    waits,
    freeBytes = freeOn,
  } = settings;
  const places = cudaPlaces(userData);
  const folder = places.installed;

  const state = async (): Promise<CudaState> => {
    const common = { folder, driver: NVIDIA_DRIVER.some((path) => existsSync(path)) };
    const unsupported = whyUnsupported(platform);
    if (unsupported !== null) {
      return { ...common, state: 'unsupported', version: null, bytes: 0, problem: unsupported };
    }
    const manifest = await readManifest(folder);
    if (manifest === null) {
      if (existsSync(folder)) {
        const problem = 'The list of its files is missing.';
        return { ...common, state: 'damaged', version: null, bytes: 0, problem };
      }
      const bytes = await unfinishedBytes();
      return { ...common, state: bytes > 0 ? 'interrupted' : 'absent', version: null, bytes, problem: null };
    }
    const version = manifest.packages.find(({ name }) => name === 'tensorflow')?.version ?? null;
    const bytes = manifest.packages.reduce((sum, one) => sum + bytesOf(one), 0);
    const missing = await missingFile(folder, manifest.packages);
    const problem = missing === null ? null : `${missing} is missing or has another size than when it came.`;
    return { ...common, state: problem === null ? 'installed' : 'damaged', version, bytes, problem };
  };

  const unfinishedBytes = async (): Promise<number> => {
    const whole = (await readManifest(places.tree))?.packages ?? [];
    const names = await readdir(places.archives).catch(() => []);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(places.archives, name))).size));
    return [...whole.map(bytesOf), ...sizes].reduce((sum, bytes) => sum + bytes, 0);
  };

  const requireSupported = (): void => {
    const unsupported = whyUnsupported(platform);
    if (unsupported !== null) throw new StudioFailure('engine-missing', unsupported);
  };

  const planned = (signal: AbortSignal, progress: (label: string, done: number, total: number) => void) =>
    planWheels(indexAddress(environment), signal, (done, total) => progress('Asking for the sizes', done, total));

  return {
    state,
    async plan(signal, progress) {
      requireSupported();
      const wheels = await planned(signal, progress);
      const whole = await wholePackages([places.tree, places.installed], wheels, signal, (done) =>
        progress('Checking files', done, wheels.length),
      );
      return planOf(wheels, whole, await freeBytes(places.unfinished));
    },
    async install(signal, progress, verify) {
      requireSupported();
      const wheels = await planned(signal, progress);
      await installWheels({ places, wheels, signal, progress, verify, freeBytes, ...(waits && { waits }) });
      return state();
    },
    async remove() {
      if (await isHeld(join(places.unfinished, 'installing.pid'))) {
        throw new StudioFailure('busy', 'The CUDA libraries are being installed.', 'Cancel that first.');
      }
      await removeFolder(places.installed);
      await removeFolder(places.unfinished);
      return state();
    },
  };

  function planOf(wheels: readonly PlannedWheel[], whole: ReadonlyMap<PlannedWheel, unknown>, free: number): CudaPlan {
    const packages = wheels.map((wheel) => ({
      name: wheel.name,
      version: wheel.version,
      downloadBytes: whole.has(wheel) ? 0 : wheel.bytes,
      diskBytes: wheel.unpackedBytes,
    }));
    return {
      packages,
      downloadBytes: packages.reduce((sum, { downloadBytes }) => sum + downloadBytes, 0),
      diskBytes: packages.reduce((sum, { diskBytes }) => sum + diskBytes, 0),
      neededBytes: neededBytes(wheels, whole),
      freeBytes: free,
      folder,
      source: new URL(indexAddress(environment)).host,
    };
  }
}

function whyUnsupported(platform: string): string | null {
  if (platform === 'linux-x64') return null;
  if (platform.startsWith('win32')) {
    return 'TensorFlow has no CUDA build for Windows. Run the studio inside WSL 2, where the Linux one works, or train on the command line with --engine webgpu.';
  }
  if (platform.startsWith('darwin'))
    return 'There is no CUDA on a Mac. On the command line, --engine webgpu trains on its GPU.';
  return 'The CUDA build of TensorFlow is for Linux on x64 processors. On the command line, --engine webgpu trains on any GPU.';
}
