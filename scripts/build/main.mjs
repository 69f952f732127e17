import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../setup/places.mjs';
import { fingerprint, isFresh, writeMark } from './stamp.mjs';

const folder = join(root, 'out/main');
const markFile = join(folder, '.built');

/** Bundles what runs under Node: the window's main process, its preload, the workers, the command line. */
export async function buildMain() {
  const mark = fingerprint(['src-core', 'src-main', 'tsconfig.base.json', 'scripts/build', 'package-lock.json']);
  if (isFresh(markFile, mark)) return false;
  const { build } = await import('esbuild');
  const common = {
    bundle: true,
    sourcemap: true,
    write: false,
    outdir: folder,
    logLevel: 'warning',
    absWorkingDir: root,
  };
  const alias = { '@core': join(root, 'src-core') };
  const results = await Promise.all([
    build({
      ...common,
      alias,
      entryPoints: nodeEntries(),
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      outExtension: { '.js': '.mjs' },
    }),
    // Read at once, before Electron is ready, on every route (scripts/setup/default-app).
    build({
      ...common,
      alias,
      entryPoints: existing({ electron: 'src-main/electron/main.ts' }),
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      define: { 'import.meta.dirname': '__dirname' },
      outExtension: { '.js': '.cjs' },
    }),
    // A sandboxed preload can require nothing but electron.
    build({
      ...common,
      alias,
      entryPoints: existing({ preload: 'src-main/electron/preload.ts' }),
      format: 'cjs',
      platform: 'browser',
      target: 'chrome130',
      external: ['electron'],
      outExtension: { '.js': '.cjs' },
    }),
  ]);
  replaceFiles(results.flatMap((result) => result.outputFiles));
  writeMark(markFile, mark);
  return true;
}

function nodeEntries() {
  const workers = join(root, 'src-main/workers');
  const names = existsSync(workers) ? readdirSync(workers).filter((name) => name.endsWith('.worker.ts')) : [];
  return {
    ...existing({ cli: 'src-main/cli/main.ts' }),
    ...Object.fromEntries(names.map((name) => [basename(name, '.worker.ts'), `src-main/workers/${name}`])),
  };
}

const existing = (entries) =>
  Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(join(root, path))));

/** Each file appears whole: a command line that starts meanwhile never reads half of one. */
function replaceFiles(files) {
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    writeFileSync(`${file.path}.${process.pid}`, file.contents);
    renameSync(`${file.path}.${process.pid}`, file.path);
  }
  const current = new Set(files.map((file) => basename(file.path)));
  for (const name of readdirSync(folder))
    if (/\.(mjs|cjs|map)$/.test(name) && !current.has(name)) rmSync(join(folder, name));
}
