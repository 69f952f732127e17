import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { forbidden, options } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs'));

/** A little house with one file per room. */
let house: string;
const rooms = [
  'src-core/geometry',
  'src-renderer/app',
  ...['engine', 'images', 'store', 'exchange', 'services', 'workers', 'electron', 'cli'].map(
    (room) => `src-main/${room}`,
  ),
];

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'layers-'));
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  for (const file of ['package.json', 'tsconfig.base.json']) symlinkSync(join(root, file), join(house, file));
  for (const room of rooms) write(`${room}/thing.ts`, 'export const thing = 1;');
  write('src-main/services/ports.ts', 'export interface Port { x: number }');
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

function write(path: string, text: string) {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

/** The names of the rules that an import in a file of `room` breaks. */
async function broken(room: string, imported: string, typeOnly = false): Promise<string[]> {
  const file = `${room}/trial.ts`;
  write(file, typeOnly ? `import type * as t from '${imported}';\nexport type T = typeof t;` : `import '${imported}';`);
  const { output } = await cruise(
    [file],
    { ...options, ruleSet: { forbidden }, validate: true, baseDir: house } as ICruiseOptions,
    undefined,
    {
      tsConfig: undefined,
    },
  );
  rmSync(join(house, file));
  return (output as ICruiseResult).summary.violations.map((violation) => violation.rule.name);
}

describe('the layers', () => {
  it.each([
    ['src-core/geometry', 'node:fs', 'core-imports-nothing'],
    ['src-core/geometry', '@tensorflow/tfjs-core', 'core-imports-nothing'],
    ['src-core/geometry', '../../src-main/engine/thing', 'core-imports-nothing'],
    ['src-renderer/app', 'node:fs', 'renderer-imports-core'],
    ['src-renderer/app', 'better-sqlite3', 'renderer-imports-core'],
    ['src-renderer/app', '../../src-main/services/thing', 'renderer-knows-no-main'],
    ['src-main/engine', '../store/thing', 'engine-imports-core'],
    ['src-main/store', '../services/thing', 'store-imports-core'],
    ['src-main/images', '../../src-renderer/app/thing', 'images-imports-core'],
    ['src-main/services', '../store/thing', 'services-know-ports'],
    ['src-main/services', 'node:fs', 'services-touch-no-platform'],
    ['src-main/cli', 'electron', 'electron-only-at-its-place'],
    ['src-main/cli', '../electron/thing', 'composition-roots-are-apart'],
    ['src-main/workers', '../electron/thing', 'workers-compose-no-window'],
    ['src-main/engine', 'fast-check', 'shipped-code-needs-dependencies'],
  ])('%s must not import %s', async (room, imported, rule) => {
    expect(await broken(room, imported)).toContain(rule);
  });

  it('forbid a type of the main process in the page, too', async () => {
    expect(await broken('src-renderer/app', '../../src-main/services/thing', true)).toContain('renderer-knows-no-main');
  });

  it('forbid it in components, too, whose types the layer check does not see', () => {
    const components = readdirSync(join(root, 'src-renderer'), { recursive: true, encoding: 'utf8' });
    const guilty = components.filter((path) => {
      return (
        path.endsWith('.svelte') && /from '[^']*src-main\//.test(readFileSync(join(root, 'src-renderer', path), 'utf8'))
      );
    });
    expect(guilty).toEqual([]);
  });

  it.each([
    ['src-core/geometry', 'zod'],
    ['src-renderer/app', '../../src-core/geometry/thing'],
    ['src-renderer/app', 'svelte'],
    ['src-main/engine', '../images/thing'],
    ['src-main/engine', '@tensorflow/tfjs-core'],
    ['src-main/store', 'better-sqlite3'],
    ['src-main/store', 'node:fs'],
    ['src-main/store', '../services/ports'],
    ['src-main/electron', 'electron'],
    ['src-main/electron', '../store/thing'],
    ['src-main/cli', '../services/thing'],
  ])('%s may import %s', async (room, imported) => {
    expect(await broken(room, imported)).toEqual([]);
  });
});
