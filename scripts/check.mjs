#!/usr/bin/env node
// usage: npm run check
// Format, lint, types, layers, dead code, unit tests; two at a time. Names every step that failed and exits 1.
import { availableParallelism } from 'node:os';
import { setUpOrExit } from './setup/all.mjs';
import { inPackages, root } from './setup/places.mjs';
import { run } from './setup/run.mjs';

await setUpOrExit('cli');

const tool = (file, ...args) => [inPackages(file), ...args];
const tsc = (project) => tool('typescript/bin/tsc', '-p', project, '--noEmit');

// The longest first, so that two workers end at about the same time.
const steps = {
  'unit tests': tool('vitest/vitest.mjs', 'run', '--project', 'unit', '--passWithNoTests'),
  'types (src-renderer, svelte)': tool(
    'svelte-check/bin/svelte-check',
    '--tsconfig',
    'src-renderer/tsconfig.json',
    '--fail-on-warnings',
  ),
  'types (test)': tsc('test'),
  'types (src-main)': tsc('src-main'),
  'types (src-core)': tsc('src-core'),
  layers: tool(
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    'src-core',
    'src-main',
    'src-renderer',
  ),
  'dead code': tool('knip/bin/knip.js'),
  format: tool('prettier/bin/prettier.cjs', '--check', '.'),
  lint: tool('oxlint/bin/oxlint', '--deny-warnings'),
};

const waiting = Object.entries(steps);
const failed = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
console.log(failed.length ? `\ncheck failed: ${failed.join(', ')}` : '\ncheck passed');
process.exitCode = failed.length ? 1 : 0;

async function worker() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, args] = next;
    const started = Date.now();
    const { ok, log } = await run(process.execPath, args, { cwd: root });
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    if (!ok) {
      failed.push(name);
      console.log(log);
    }
  }
}
