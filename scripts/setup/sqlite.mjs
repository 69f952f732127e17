import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installedElectron } from '../electron-path.mjs';
import { cached, place } from './cache.mjs';
import { compile } from './node-gyp.mjs';
import { inPackages, machine } from './places.mjs';
import { say, SetUpError } from './say.mjs';
import { packageVersion, readStamp, writeStamp } from './stamps.mjs';

const build = 1; // count up when the way it is built changes

/**
 * better-sqlite3 carries a binary for Node-API 10, which is a crash on an older Node or Electron. There it is compiled
 * against the experimental Node-API instead; that one binary serves every Node and Electron.
 */
export async function setUpSqlite() {
  const version = packageVersion('better-sqlite3');
  const wanted = { version, build, machine, compiled: !prebuiltFits() };
  const there = !wanted.compiled || existsSync(inPackages('better-sqlite3/build/Release/better_sqlite3.node'));
  if (there && JSON.stringify(readStamp('sqlite')) === JSON.stringify(wanted)) return;
  if (wanted.compiled) {
    const folder = await cached(`better-sqlite3-${version}-${machine}-${build}`, compileInto).catch((error) => {
      throw new SetUpError(
        `better-sqlite3 could not be compiled: ${error.message}`,
        'Install a C++ compiler, or use Node 22.14 or newer.',
      );
    });
    place(folder, inPackages('better-sqlite3/build'));
  }
  writeStamp('sqlite', wanted);
}

function prebuiltFits() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const electron = Number(installedElectron()?.version.split('.')[0] ?? Infinity);
  return (major > 22 || (major === 22 && minor >= 14)) && electron >= 36;
}

async function compileInto(folder) {
  say('better-sqlite3: its binary needs a newer Node or Electron; compiling one (about 2 minutes, once per machine)');
  const source = join(folder, 'source');
  cpSync(inPackages('better-sqlite3'), source, {
    recursive: true,
    filter: (path) => !/better-sqlite3[\\/]build$/.test(path),
  });
  cpSync(inPackages('node-addon-api'), join(source, 'node_modules/node-addon-api'), { recursive: true });
  await compile(source, ['--force_build=1'], {
    CXXFLAGS: '-UNAPI_VERSION -DNAPI_EXPERIMENTAL -DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT',
  });
  mkdirSync(join(folder, 'Release'));
  copyFileSync(join(source, 'build/Release/better_sqlite3.node'), join(folder, 'Release/better_sqlite3.node'));
  rmSync(source, { recursive: true });
}
