import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inPackages } from './places.mjs';
import { has, run, tail } from './run.mjs';

/**
 * Compiles the native package in `folder`. Uses the headers that came with this Node when they are there, so that
 * nothing is downloaded. Throws an Error that says why it failed.
 */
export async function compile(folder, options = [], env = {}) {
  const missing = ['python3', 'make', 'g++'].filter((program) => process.platform === 'linux' && !has(program));
  if (missing.length)
    throw new Error(`${missing.join(', ')} not found (Debian: apt-get install build-essential python3)`);
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const tool = inPackages('node-gyp/bin/node-gyp.js');
  const { ok, log } = await run(process.execPath, [tool, 'rebuild', '--release', ...headers, ...options], {
    cwd: folder,
    env: { JOBS: 'max', ...env },
  });
  if (!ok) throw new Error(`node-gyp failed:\n${tail(log)}`);
}
