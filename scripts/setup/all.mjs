import { sweep } from './cache.mjs';
import { missingDebianPackages, warnOfMissingDebianPackages } from './debian.mjs';
import { setUpElectron } from './electron.mjs';
import { setUpHooks } from './hooks.mjs';
import { setUpPackages } from './packages.mjs';
import { orExit, SetUpError } from './say.mjs';
import { setUpSqlite } from './sqlite.mjs';
import { readStamp, writeStamp } from './stamps.mjs';
import { setUpTensorflow, setUpTensorflowGpu } from './tensorflow.mjs';

/**
 * What every command begins with (npm runs no `prestart` and `pretest` here: .npmrc has ignore-scripts). Ends the process
 * with a message when something needed cannot be had.
 */
export const setUpOrExit = (purpose) => orExit(() => setUp(purpose));

/**
 * Makes a fresh clone ready: `app` to open the window, `test` to run the tests, `cli` to work without a window.
 * Every step looks first whether its work is done.
 */
async function setUp(purpose) {
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
