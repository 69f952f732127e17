#!/usr/bin/env node
// usage: npm run package [-- --linux AppImage deb | --mac dmg | --win nsis]
// Builds and packs the app into release/. Without arguments: a folder that runs on this machine, made without the internet.
import { spawn } from 'node:child_process';
import { buildMain } from './build/main.mjs';
import { buildRenderer } from './build/renderer.mjs';
import { installedElectron } from './electron-path.mjs';
import { setUp } from './setup/all.mjs';
import { inPackages, root } from './setup/places.mjs';
import { say, SetUpError } from './setup/say.mjs';

try {
  await setUp('app');
} catch (error) {
  say(error instanceof SetUpError ? error.message : error.stack);
  process.exit(1);
}
await buildMain();
await buildRenderer();

const asked = process.argv.slice(2);
const { dist, version } = installedElectron();
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
builder.on('exit', (code) => process.exit(code ?? 1));
