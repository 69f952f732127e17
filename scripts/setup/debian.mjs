import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { say, SetUpError } from './say.mjs';

// What Electron, a display without a screen, and the compilers need beyond a bare Debian or Ubuntu.
const forElectron = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libatk-bridge2.0-0', 'libvulkan1'];
const forTests = ['xvfb', 'xauth', 'fonts-dejavu-core', 'python3-venv'];
const forBuilding = ['build-essential', 'python3', 'python3-pip', 'unzip'];

/** Which Debian packages are missing for `purpose` ('app' or 'test'); none where there is no dpkg. */
export function missingDebianPackages(purpose) {
  if (!existsSync('/usr/bin/dpkg-query')) return [];
  const wanted = [...forElectron, ...forBuilding, ...(purpose === 'test' ? forTests : [])];
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status} ${Provides}\n'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const installed = stdout.split('\n').filter((line) => line.includes(' installed '));
  // Newer releases renamed some (libgtk-3-0t64 provides libgtk-3-0).
  const there = new Set(installed.flatMap((line) => line.replace(/\([^)]*\)/g, '').split(/[ ,]+/)));
  return wanted.filter((name) => !there.has(name));
}

/** Installs what is missing; only `.ci/run` does this, and only as root. */
export function installDebianPackages(purpose) {
  const missing = missingDebianPackages(purpose);
  if (!missing.length) return;
  say(`Debian packages: installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  apt('update', '-qq');
  const { status, stderr } = apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
  if (status !== 0)
    throw new SetUpError(`apt-get could not install them: ${stderr}`, `Run: apt-get install ${missing.join(' ')}`);
}

/** Names the missing packages and the command that installs them; the window may still start without some. */
export function warnOfMissingDebianPackages(purpose) {
  const missing = missingDebianPackages(purpose);
  if (missing.length) say(`Debian packages are missing; run: sudo apt-get install ${missing.join(' ')}`);
}
