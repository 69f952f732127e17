#!/usr/bin/env node
// usage: npm run test:golden [-- arguments for vitest]
// The tests that compare with references: reference data (SHARED_DIR, GOLDEN_DIR) and PyTorch, which is installed into a
// cached folder of its own the first time.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonWithPyTorch } from './setup/pytorch.mjs';

const python = (await pythonWithPyTorch()) ?? '';
const tests = [join(import.meta.dirname, 'test.mjs'), '--project', 'golden', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, tests, {
  stdio: 'inherit',
  env: { ...process.env, SSD_STUDIO_PYTHON: python },
});
process.exitCode = status ?? 1;
