// usage: node test/bench/core.mjs
// Times what the detectors compute on the CPU, prints one JSON document (milliseconds, median of the repetitions).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const outfile = join(folder, 'core.mjs');
try {
  await build({
    entryPoints: [resolve(import.meta.dirname, 'core.ts')],
    alias: { '@core': resolve(import.meta.dirname, '../../src-core') },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
  });
  const { measure } = await import(pathToFileURL(outfile).href);
  console.log(JSON.stringify({ node: process.version, arch: process.arch, milliseconds: measure() }, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}
