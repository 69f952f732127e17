// usage: node test/bench/training.mjs [rfb320|slim320|ssd300] [--engine auto|tensorflow|wasm|cuda] [--batch N] [--steps N]
// Times the training of pictures of 640x480, prints one JSON document: images per second with the loader beside the step, and
// the milliseconds of each phase of a step, measured one after the other.
import { mkdtempSync, rmSync } from 'node:fs';
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
  },
});
const root = resolve(import.meta.dirname, '../..');
// Inside the repository: packages are found from the bundles' place.
const folder = join(root, 'out/bench');
const pictures = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  await build({
    entryPoints: {
      training: resolve(import.meta.dirname, 'training.ts'),
      loader: join(root, 'src-main/workers/loader.worker.ts'),
    },
    alias: { '@core': join(root, 'src-core') },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
  });
  const { measure } = await import(pathToFileURL(join(folder, 'training.mjs')).href);
  const result = await measure({
    architecture: positionals[0] ?? 'rfb320',
    engine: values.engine,
    batchSize: Number(values.batch),
    steps: Number(values.steps),
    pictures,
    loader: pathToFileURL(join(folder, 'loader.mjs')),
  });
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(pictures, { recursive: true });
  rmSync(folder, { recursive: true });
}
