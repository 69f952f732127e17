#!/usr/bin/env node
// usage: npm run package [-- --linux AppImage deb | --mac dmg | --win nsis]
// Builds and packs the app into release/. Without arguments: a folder that runs on this machine, made without the internet.
import { spawn } from 'node:child_process';
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildMain } from './build/main.mjs';
import { buildRenderer } from './build/renderer.mjs';
import { fingerprint, isFresh, writeMark } from './build/stamp.mjs';
import { installedElectron } from './electron-path.mjs';
import { setUpOrExit } from './setup/all.mjs';
import { inPackages, root } from './setup/places.mjs';
import { say } from './setup/say.mjs';

await setUpOrExit('app');
if (lstatSync(inPackages()).isSymbolicLink()) {
  // electron-builder does not find the packages of packages behind a link, and would leave them out without failing.
  say('node_modules is a link; package in a clone of its own.');
  process.exit(1);
}
await buildMain();
await buildRenderer();

const asked = process.argv.slice(2);
const { dist, version } = installedElectron();
const sources = ['out/main', 'out/renderer', 'resources', 'electron-builder.yml', 'package.json', 'package-lock.json'];
const mark = `${version} ${fingerprint(sources)}`;
const markFile = join(root, 'release/.packaged');
if (!asked.length && isFresh(markFile, mark)) process.exit(0);
rmSync(markFile, { force: true });
const builder = spawn(
  process.execPath,
  [
    inPackages('electron-builder/cli.js'),
    ...(asked.length ? asked : ['--dir']),
    '--publish=never',
    `-c.electronDist=${dist}`,
    `-c.electronVersion=${version}`,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: process.env.CSC_LINK ? 'true' : 'false' },
  },
);
builder.on('exit', (code) => {
  if (code === 0 && !asked.length) writeMark(markFile, mark);
  process.exit(code ?? 1);
});
