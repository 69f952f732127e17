#!/usr/bin/env node
// usage: npm start [-- arguments for the app]
// Builds what has changed and opens the studio.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildMain } from './build/main.mjs';
import { buildRenderer } from './build/renderer.mjs';
import { installedElectron } from './electron-path.mjs';
import { setUpOrExit } from './setup/all.mjs';
import { missingDebianPackages } from './setup/debian.mjs';
import { root } from './setup/places.mjs';
import { say } from './setup/say.mjs';

await setUpOrExit('app');

if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
  say('There is no screen to open a window on (DISPLAY is not set).');
  say('On a server: `xvfb-run -a npm start`, or work without a window: `npm run -s studio -- --help`.');
  process.exit(1);
}

await buildMain();
await buildRenderer();

const { executable, dist } = installedElectron();
const child = spawn(executable, [...sandboxArguments(dist), root, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => fail(error.message));
child.on('exit', (code, signal) =>
  code === 127 ? fail('a shared library is missing') : process.exit(code ?? (signal ? 1 : 0)),
);

function fail(cause) {
  const missing = missingDebianPackages('app');
  say(`Electron could not start (${executable}): ${cause}.`);
  if (missing.length) say(`Run: sudo apt-get install ${missing.join(' ')}`);
  process.exit(1);
}

/** Chromium's sandbox needs user namespaces or its helper owned by root; it refuses to run for root at all. */
function sandboxArguments(dist) {
  if (process.platform !== 'linux') return [];
  if (process.getuid() === 0) return ['--no-sandbox'];
  const setting = (name) =>
    existsSync(`/proc/sys/kernel/${name}`) && readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim();
  const forbidden =
    setting('unprivileged_userns_clone') === '0' || setting('apparmor_restrict_unprivileged_userns') === '1';
  const helper = join(dist, 'chrome-sandbox');
  const { uid, mode } = statSync(helper, { throwIfNoEntry: false }) ?? {};
  if (forbidden && !(uid === 0 && mode & 0o4000)) {
    say('This system keeps Chromium from building its sandbox. Allow its helper, once:');
    say(`  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`);
  }
  return [];
}
