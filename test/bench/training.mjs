// usage: node test/bench/training.mjs [ARCHITECTURE] [--engine auto|cuda|webgpu|tensorflow|wasm] [--batch N] [--steps N]
//          [--math float32|bfloat16] [--torch] [--device cpu|cuda] [--out FILE]
// Times the training of pictures of 640x480 and prints one JSON document: images per second with the loader beside the step, how
// long the step waited for its batch, the milliseconds of each phase and of each layer. With --torch, PyTorch's step (ssd300 and
// rfb320; the interpreter of SSD_STUDIO_PYTHON) is taken in turn with ours, and the ratios are told. --out adds the result to a file that
// report.mjs reads.
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'auto' },
    batch: { type: 'string', default: '24' },
    steps: { type: 'string', default: '20' },
    math: { type: 'string', default: 'float32' },
    torch: { type: 'boolean', default: false },
    device: { type: 'string', default: 'cpu' },
    out: { type: 'string' },
  },
});
const architecture = positionals[0] ?? 'rfb320';
const root = resolve(import.meta.dirname, '../..');
// Inside the repository: packages are found from the bundles' place.
const folder = join(root, 'out/bench');
const pictures = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  await build({
    entryPoints: {
      training: resolve(import.meta.dirname, 'training.ts'),
      loader: join(root, 'src-main/workers/loader.worker.ts'),
      environment: join(root, 'src-main/workers/compute-environment.ts'),
    },
    alias: { '@core': join(root, 'src-core') },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
  });
  const result = await measured({
    architecture,
    classes: architecture === 'ssd300' ? 21 : 4,
    math: values.math,
    rival: values.torch ? torchCommand() : null,
    engine: values.engine,
    batchSize: Number(values.batch),
    steps: Number(values.steps),
    pictures,
    loader: pathToFileURL(join(folder, 'loader.mjs')).href,
  });
  console.log(JSON.stringify(result, null, 2));
  if (values.out) writeFileSync(values.out, JSON.stringify([...known(values.out), result], null, 2));
} finally {
  rmSync(pictures, { recursive: true });
  rmSync(folder, { recursive: true });
}

/** Measured in a process that starts as the studio's compute processes do. */
async function measured(options) {
  const { COMPUTE_ENVIRONMENT } = await import(pathToFileURL(join(folder, 'environment.mjs')).href);
  const child = fork(join(folder, 'training.mjs'), { env: { ...COMPUTE_ENVIRONMENT, ...process.env } });
  child.send(options);
  return new Promise((resolve, reject) => {
    child.on('message', resolve);
    child.on('exit', (code) => reject(new Error(`the measurement ended with ${code}`)));
  });
}

function known(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

function torchCommand() {
  const interpreter = process.env.SSD_STUDIO_PYTHON;
  if (!interpreter) throw new Error('--torch needs SSD_STUDIO_PYTHON, an interpreter with torch and torchvision');
  const script = resolve(root, '../shared/baselines/torch_step.py');
  const sizes = ['--batch', values.batch, '--steps', String(Number(values.steps) + 8), '--device', values.device];
  const math = values.math === 'bfloat16' ? ['--bf16'] : [];
  return [interpreter, resolve(import.meta.dirname, 'torch_gate.py'), script, architecture, ...sizes, ...math];
}
