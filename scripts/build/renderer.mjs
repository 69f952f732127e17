import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { fingerprint, isFresh, writeMark } from './stamp.mjs';

const folder = join(root, 'out/renderer');
const markFile = join(root, 'out/renderer.built');

/** Bundles the page. */
export async function buildRenderer() {
  if (!existsSync(join(root, 'src-renderer/index.html'))) return false;
  const mark = fingerprint(['src-core', 'src-renderer', 'vite.config.ts', 'tsconfig.base.json', 'package-lock.json']);
  if (isFresh(markFile, mark) && existsSync(folder)) return false;
  // A test runner has set another mode, and Svelte would then add its development checks to the bundle.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  const unfinished = `${folder}.${process.pid}`;
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: unfinished, emptyOutDir: true, rolldownOptions: { checks: { pluginTimings: false } } },
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  writeMark(markFile, mark);
  return true;
}
