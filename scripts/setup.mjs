#!/usr/bin/env node
// usage: node scripts/setup.mjs app|test|debian
// Makes a fresh clone ready to run. Every step looks first whether its work is done; a second run does nothing.
// Only Node itself may be used here: at the first run nothing is installed.
import { sweep } from './setup/cache.mjs';
import { installDebianPackages, missingDebianPackages, warnOfMissingDebianPackages } from './setup/debian.mjs';
import { setUpElectron } from './setup/electron.mjs';
import { setUpHooks } from './setup/hooks.mjs';
import { setUpPackages } from './setup/packages.mjs';
import { say, SetUpError } from './setup/say.mjs';
import { setUpSqlite } from './setup/sqlite.mjs';
import { readStamp, writeStamp } from './setup/stamps.mjs';
import { setUpTensorflow, setUpTensorflowGpu } from './setup/tensorflow.mjs';

const purpose = process.argv[2] ?? 'app';

try {
  if (purpose === 'debian') {
    installDebianPackages('test');
  } else {
    await setUp();
  }
} catch (error) {
  say(error instanceof SetUpError ? error.message : error.stack);
  process.exit(1);
}

async function setUp() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new SetUpError(`Node ${process.versions.node} is too old.`, 'Install Node 20.19 or newer.');
  await setUpPackages();
  // One who never opens a window (`studio`, the command line) needs no Electron: its absence is then only said.
  await setUpElectron();
  await setUpSqlite();
  await setUpTensorflow();
  await setUpTensorflowGpu();
  setUpHooks();
  if (readStamp('debian') !== purpose) {
    warnOfMissingDebianPackages(purpose);
    if (!missingDebianPackages(purpose).length) writeStamp('debian', purpose);
  }
  sweep();
}
