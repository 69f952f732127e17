/** The bundles in out/main, built when the sources are newer: tests of processes start what the application starts. */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Path of a bundle of src-main/workers, `compute` for compute.worker.ts. */
export function builtWorker(name: string): string {
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), 'main'], { stdio: 'pipe' });
  return join(root, 'out/main', `${name}.mjs`);
}
