import { sweep } from './cache.mjs';
import { missingDebianPackages, warnOfMissingDebianPackages } from './debian.mjs';
import { setUpElectron } from './electron.mjs';
import { setUpHooks } from './hooks.mjs';
import { setUpPackages } from './packages.mjs';
import { SetUpError } from './say.mjs';
import { setUpSqlite } from './sqlite.mjs';
import { readStamp, writeStamp } from './stamps.mjs';
import { setUpTensorflow, setUpTensorflowGpu } from './tensorflow.mjs';

/**
 * Makes a fresh clone ready: `app` to open the window, `test` to run the tests, `cli` to work without a window.
 * Every step looks first whether its work is done.
 */
export async function setUp(purpose) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetUpError(`Node ${process.versions.node} is too old.`, 'Install Node 20.19 or newer.');
  }
  await setUpPackages();
  if (purpose !== 'cli') await setUpElectron();
  await setUpSqlite();
  await setUpTensorflow();
  await setUpTensorflowGpu();
  if (purpose === 'cli') return;
  setUpHooks();
  lookForDebianPackages(purpose);
  sweep();
}

function lookForDebianPackages(purpose) {
  if (readStamp('debian')?.includes(purpose)) return;
  if (missingDebianPackages(purpose).length) warnOfMissingDebianPackages(purpose);
  else writeStamp('debian', [...(readStamp('debian') ?? []), purpose]);
}
