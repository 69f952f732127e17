import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** A fresh clone, as far as the scripts go, with an npm that cannot reach its registry. */
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'clone-'));
  cpSync(join(root, 'scripts'), join(clone, 'scripts'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(root, file), join(clone, file));
  mkdirSync(join(clone, 'programs'));
  writeFileSync(join(clone, 'programs/npm'), '#!/bin/sh\necho "npm error code ENETWORK" >&2\nexit 1\n', {
    mode: 0o755,
  });
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

function run(script: string) {
  const env = {
    PATH: `${join(clone, 'programs')}:${process.env.PATH}`,
    HOME: clone,
    SSD_STUDIO_CACHE: join(clone, 'cache'),
    DISPLAY: ':0',
  };
  return spawnSync(process.execPath, [join(clone, 'scripts', script)], { cwd: clone, env, encoding: 'utf8' });
}

describe.skipIf(process.platform === 'win32')('on a fresh clone', () => {
  it.each(['start.mjs', 'test.mjs', 'studio.mjs', 'build.mjs', 'check.mjs', 'package.mjs'])(
    '%s begins with the packages, and says what failed',
    (script) => {
      const { status, stdout, stderr } = run(script);
      expect(stderr).toContain('[set-up] npm packages: installing');
      expect(stderr).toContain('npm error code ENETWORK');
      expect(stderr).not.toContain('    at ');
      expect(status).toBe(1);
      expect(stdout).toBe('');
      expect(existsSync(join(clone, 'node_modules'))).toBe(false);
    },
  );

  it('refuses to install into a folder that node_modules only points to', () => {
    mkdirSync(join(clone, 'elsewhere'));
    symlinkSync(join(clone, 'elsewhere'), join(clone, 'node_modules'));
    expect(run('studio.mjs').stderr).toContain('node_modules is a link');
    rmSync(join(clone, 'node_modules'));
  });
});
