#!/usr/bin/env node
// usage: npm test [-- arguments for vitest]
// Builds, runs every test (with a display of its own where there is none), and ends with `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildMain } from './build/main.mjs';
import { buildRenderer } from './build/renderer.mjs';
import { openDisplay } from './display.mjs';
import { setUpOrExit } from './setup/all.mjs';
import { inPackages, root } from './setup/places.mjs';

const reportFile = join(root, 'out/test-report.json');
rmSync(reportFile, { force: true });

await setUpOrExit('test');
await buildMain();
await buildRenderer();
const display = await openDisplay();
const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'test-report.mjs')}`];
const vitest = spawn(
  process.execPath,
  [inPackages('vitest/vitest.mjs'), 'run', '--passWithNoTests', ...reporters, ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...display.env, SSD_STUDIO_TEST_REPORT: reportFile },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal));
const status = await new Promise((done) => vitest.on('exit', (code) => done(code ?? 1)));
display.close();

const report = read() ?? { passed: 0, failed: 1, skipped: [] };
const failed = Math.max(report.failed, status === 0 ? 0 : 1);
for (const test of report.skipped) console.log(`skipped  ${test}`);
console.log(`${report.passed} passed, ${failed} failed, ${report.skipped.length} skipped`);
process.exitCode = failed ? 1 : 0;

function read() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    console.log('vitest ended without a report');
    return undefined;
  }
}
