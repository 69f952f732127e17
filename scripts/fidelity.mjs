#!/usr/bin/env node
// usage: npm run fidelity
// Runs every test that compares with a reference, and writes what they found to docs/fidelity.md. Writes nothing when a test
// fails or is skipped, because lines would be missing: reference data is read from SHARED_DIR, and PyTorch is installed into a
// cached folder of its own the first time.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fidelityPage } from './fidelity-page.mjs';
import { root } from './setup/places.mjs';
import { pythonWithPyTorch } from './setup/pytorch.mjs';

const folder = join(root, 'out/fidelity');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const python = (await pythonWithPyTorch()) ?? '';
const tests = spawnSync(
  process.execPath,
  [
    join(root, 'scripts/test.mjs'),
    '--project',
    'golden',
    '--project',
    'integration',
    'test/golden',
    ...comparingTests(),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SSD_STUDIO_PYTHON: python, SSD_STUDIO_FIDELITY: folder } },
);
if (tests.status !== 0) leave('a test failed');
const { skipped } = JSON.parse(readFileSync(join(root, 'out/test-report.json'), 'utf8'));
if (skipped.length > 0) leave(`${skipped.length} tests were skipped, listed above with what they need`);
const records = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const version = (name) => lock.packages[`node_modules/${name}`].version;
writeFileSync(join(root, 'docs/fidelity.md'), fidelityPage(records, version));
console.log(`docs/fidelity.md: ${records.length} comparisons`);

function leave(reason) {
  console.error(`docs/fidelity.md is left as it is: ${reason}`);
  process.exit(1);
}

/** The integration tests, relative to the repository, that note comparisons. */
function comparingTests() {
  return readdirSync(join(root, 'test/integration'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'utf8').includes('support/fidelity'))
    .map((file) => relative(root, file));
}
