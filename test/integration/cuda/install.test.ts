import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCudaLibraries } from '../../../src-main/cuda/cuda-libraries';
import type { CudaLibraries } from '../../../src-main/services/ports';
import { addCudaWheels, WheelServer } from '../../support/wheel-server';

let server: WheelServer;
let userData: string;
let controller: AbortController;
let reports: [string, number, number][];
const loads = async (): Promise<void> => {};
const note = (...report: [string, number, number]): void => void reports.push(report);

function libraries(settings: Parameters<typeof createCudaLibraries>[1] = {}): CudaLibraries {
  const environment = { PIP_INDEX_URL: server.address };
  return createCudaLibraries(userData, { environment, platform: 'linux-x64', waits: [1, 1], ...settings });
}
const install = (with_ = libraries()) => with_.install(controller.signal, note, loads);
const folder = (...parts: string[]): string => join(userData, 'engines', ...parts);
const downloads = () => server.asked.filter(({ range }) => range === undefined || range.endsWith('-'));

beforeEach(async () => {
  server = new WheelServer();
  addCudaWheels(server);
  await server.start();
  userData = await mkdtemp(join(tmpdir(), 'cuda-'));
  controller = new AbortController();
  reports = [];
});
afterEach(async () => {
  await server.stop();
  await rm(userData, { recursive: true, force: true });
});

describe('what an installation would fetch', () => {
  it('is known before it begins: the newest wheels that TensorFlow allows, with their sizes', async () => {
    const plan = await libraries({ freeBytes: async () => 5e9 }).plan(controller.signal, note);
    expect(plan.packages.map(({ name, version }) => [name, version])).toEqual([
      ['tensorflow', '2.21.0'],
      ['nvidia-cudnn-cu12', '9.10.2.21'],
      ['nvidia-nccl-cu12', '2.27.7'],
    ]);
    const [tensorflow, cudnn] = plan.packages;
    expect(tensorflow.downloadBytes).toBe(server.wheels.get('tensorflow')?.[0].bytes.length);
    expect(tensorflow.diskBytes).toBe(200_000 + 'framework'.length);
    expect(cudnn.diskBytes).toBe(150_000 + 'licence'.length);
    expect(plan).toMatchObject({ freeBytes: 5e9, source: new URL(server.address).host });
    expect(plan.neededBytes).toBeGreaterThan(plan.diskBytes);
    expect(downloads()).toEqual([]);
    expect(existsSync(folder())).toBe(false);
  });

  it('is read from an index that has pages and no JSON, too', async () => {
    server.asPage = true;
    expect((await libraries().plan(controller.signal, note)).packages).toHaveLength(3);
  });

  it('sends the credentials of the index to it', async () => {
    const address = server.address.replace('http://', 'http://someone:pass%20word@');
    await libraries({ environment: { PIP_INDEX_URL: address } }).plan(controller.signal, note);
    expect([...server.authorisations]).toEqual([`Basic ${btoa('someone:pass word')}`]);
  });

  it('cannot be known from an index that lacks a package, and says which', async () => {
    server.wheels.delete('nvidia-nccl-cu12');
    await expect(libraries().plan(controller.signal, note)).rejects.toThrow(/404 for \/simple\/nvidia-nccl-cu12/);
  });

  it('is refused where there is no CUDA build, with what to use instead', async () => {
    for (const [platform, words] of [
      ['win32-x64', /WSL/],
      ['darwin-arm64', /--engine webgpu/],
      ['linux-arm64', /x64/],
    ] as const) {
      await expect(install(libraries({ platform }))).rejects.toThrow(words);
      expect((await libraries({ platform }).state()).state).toBe('unsupported');
    }
  });
});

describe('installing', () => {
  it('unpacks the libraries to where the loader looks for them, and nothing else', async () => {
    server.redirects = true;
    const loaded: string[][] = [];
    const state = await libraries().install(controller.signal, note, async (tree) => {
      loaded.push(await readdir(join(tree, 'deps/lib')));
    });
    expect(state).toMatchObject({ state: 'installed', version: '2.21.0', problem: null });
    expect(loaded).toEqual([
      ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    ]);
    expect((await readdir(folder('cuda'), { recursive: true })).filter((name) => /\.\w/.test(name)).sort()).toEqual([
      'deps/lib/libtensorflow.so',
      'deps/lib/libtensorflow.so.2',
      'deps/lib/libtensorflow_cc.so.2',
      'deps/lib/libtensorflow_framework.so.2',
      'deps/nvidia/cudnn/lib/libcudnn.so.9',
      'deps/nvidia/nccl/lib/libnccl.so.2',
      'licences/nvidia_cudnn_cu12-9.10.2.21-License.txt',
      'manifest.json',
    ]);
    expect(await readdir(folder())).toEqual(['cuda']);
    expect((await readFile(folder('cuda/deps/lib/libtensorflow_cc.so.2'))).length).toBe(200_000);
    const labels = [...new Set(reports.map(([label]) => label))];
    expect(labels).toContain('Downloading nvidia-cudnn-cu12 9.10.2.21, MB');
    expect(labels).toContain('Unpacking tensorflow 2.21.0, MB');
    expect(reports.every(([, done, total]) => done <= total || total === 0)).toBe(true);
  });

  it('goes on where a cut connection left it, by itself', async () => {
    server.cuts = [100_000];
    expect((await install()).state).toBe('installed');
    const [first, second] = downloads().filter(
      ({ fileName }) => fileName.startsWith('nvidia_cudnn') || fileName.startsWith('tensorflow'),
    );
    expect(first.range).toBeUndefined();
    expect(second.range).toMatch(/^bytes=\d{4,}-$/);
    expect(second.fileName).toBe(first.fileName);
  });

  it('keeps what came when the network stays away, says so, and the next try goes on from there', async () => {
    server.cuts = [100_000, 0, 0, 0, 0];
    await expect(install()).rejects.toMatchObject({ code: 'unreadable', advice: expect.stringMatching(/goes on/) });
    const state = await libraries().state();
    expect(state.state).toBe('interrupted');
    expect(state.bytes).toBeGreaterThan(0);
    server.cuts = [];
    server.asked.length = 0;
    expect((await install()).state).toBe('installed');
    expect(downloads()[0].range).toBe(`bytes=${state.bytes}-`);
  });

  it('starts a file again when the server gives no ranges of it any more', async () => {
    server.cuts = [100_000];
    server.beforePiece = () => {
      // The tables of contents were read before.
      if (downloads().length > 0) server.ranges = false;
    };
    expect((await install()).state).toBe('installed');
  });

  it('throws a beginning away that does not belong to the file, and fetches it once more', async () => {
    server.cuts = [100_000, 0, 0, 0, 0];
    await expect(install()).rejects.toThrow();
    const [archive] = await readdir(folder('cuda.part/archives'));
    await writeFile(folder('cuda.part/archives', archive), Buffer.alloc(50_000, 7));
    server.cuts = [];
    expect((await install()).state).toBe('installed');
  });

  it('refuses a file of another checksum and leaves nothing', async () => {
    server.wheels.delete('nvidia-nccl-cu12');
    server.add('nvidia-nccl-cu12', '2.27.7', [{ name: 'nvidia/nccl/lib/libnccl.so.2', data: Buffer.from('x') }], {
      sha256: 'a'.repeat(64),
    });
    await expect(install()).rejects.toThrow(/nvidia-nccl-cu12 2.27.7 has another checksum/);
    expect(await readdir(folder())).toEqual([]);
    expect((await libraries().state()).state).toBe('absent');
  });

  it('asks for room before it fetches anything', async () => {
    const full = libraries({ freeBytes: async () => 50e6 });
    await expect(install(full)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/0\.1 GB are free|0\.1 GB/),
    });
    expect(downloads()).toEqual([]);
    expect(await readdir(folder())).toEqual([]);
  });

  it('a cancellation ends it at once and leaves nothing', async () => {
    server.beforePiece = async (fileName) => {
      if (fileName.startsWith('nvidia_cudnn') && downloads().length > 1) controller.abort();
      await new Promise((done) => setTimeout(done, 1));
    };
    await expect(install()).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(folder())).toEqual([]);
  });

  it('libraries that do not load here are not installed', async () => {
    const broken = libraries().install(controller.signal, note, async () => {
      throw new Error('GLIBC_2.27 not found');
    });
    await expect(broken).rejects.toThrow('GLIBC_2.27 not found');
    expect(await readdir(folder())).toEqual([]);
  });

  it.each([
    ['../../outside.so', /outside/],
    ['/etc/outside', /outside/],
    ['nvidia/cudnn/lib/../../../../../outside.so', /outside/],
    ['nvidia\\..\\outside.so', /outside/],
    ['C:/outside.so', /outside/],
    ['nvidia//outside.so', /outside/],
  ])('refuses a wheel that names the file %s', async (name, words) => {
    server.wheels.delete('nvidia-nccl-cu12');
    server.add('nvidia-nccl-cu12', '2.27.7', [{ name, data: Buffer.from('x') }]);
    await expect(install()).rejects.toMatchObject({ code: 'not-allowed', message: expect.stringMatching(words) });
    expect(existsSync(folder('cuda'))).toBe(false);
    expect(existsSync(join(userData, 'outside.so'))).toBe(false);
  });

  it.each([
    ['unpacks to more than it says', { says: { size: 3 }, deflated: true }],
    ['has a wrong checksum inside', { crc: 12345 }],
  ])('refuses a wheel that %s', async (_, member) => {
    server.wheels.delete('nvidia-nccl-cu12');
    server.add('nvidia-nccl-cu12', '2.27.7', [
      { name: 'nvidia/nccl/lib/libnccl.so.2', data: Buffer.alloc(5000, 1), ...member },
    ]);
    await expect(install()).rejects.toThrow(/nvidia-nccl-cu12 2.27.7 is damaged/);
    expect(await readdir(folder())).toEqual([]);
  });

  it('only one at a time', async () => {
    let second: unknown = null;
    server.beforePiece = async () => {
      if (downloads().length !== 1 || second !== null) return;
      second = 'trying';
      second = await install().catch((error: unknown) => error);
    };
    expect((await install()).state).toBe('installed');
    expect(second).toMatchObject({ code: 'busy' });
  });
});

describe('what is installed', () => {
  const cudnn = () => folder('cuda/deps/nvidia/cudnn/lib/libcudnn.so.9');

  it('is known as damaged when a file is cut or missing, and the same button mends just that', async () => {
    await install();
    await truncate(cudnn(), 10);
    expect(await libraries().state()).toMatchObject({
      state: 'damaged',
      problem: expect.stringMatching(/libcudnn\.so\.9/),
    });
    const plan = await libraries().plan(controller.signal, note);
    expect(plan.packages.map(({ downloadBytes }) => downloadBytes > 0)).toEqual([false, true, false]);
    server.asked.length = 0;
    expect((await install()).state).toBe('installed');
    expect(downloads().map(({ fileName }) => fileName)).toEqual([
      'nvidia_cudnn_cu12-9.10.2.21-py3-none-manylinux_2_27_x86_64.whl',
    ]);
    expect((await readFile(cudnn())).length).toBe(150_000);
    await unlink(cudnn());
    expect((await libraries().state()).state).toBe('damaged');
  });

  it('is compared byte by byte when it is installed over: equal sizes are not enough', async () => {
    await install();
    const bytes = await readFile(cudnn());
    bytes[1000] ^= 1;
    await writeFile(cudnn(), bytes);
    await install();
    expect((await readFile(cudnn()))[1000]).toBe(bytes[1000] ^ 1);
  });

  it('is fetched anew when its list of files cannot be read', async () => {
    await install();
    await writeFile(folder('cuda/manifest.json'), '{"format": "ssd-studio cuda 1", "packages": [{}]}');
    expect((await libraries().state()).state).toBe('damaged');
    expect((await install()).state).toBe('installed');
  });

  it('stays as it was when a repair fails', async () => {
    await install();
    await truncate(cudnn(), 10);
    server.cuts = [0, 0, 0, 0, 0];
    await expect(install()).rejects.toThrow();
    expect((await libraries().state()).state).toBe('damaged');
    expect(existsSync(folder('cuda/deps/lib/libtensorflow_cc.so.2'))).toBe(true);
  });

  it('is removed whole', async () => {
    await install();
    expect((await libraries().remove()).state).toBe('absent');
    expect(await readdir(folder())).toEqual([]);
  });
});
