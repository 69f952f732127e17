import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inPackages, root } from './places.mjs';
import { npm } from './run.mjs';
import { say, SetUpError } from './say.mjs';
import { readStamp, writeStamp } from './stamps.mjs';

/** The packages of package-lock.json, exactly. Their install scripts do not run: the other steps do that work. */
export async function setUpPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (readStamp('packages') === wanted) return;
  if (matches(lock)) return writeStamp('packages', wanted);
  if (lstatSync(inPackages(), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new SetUpError(
      'node_modules is a link and lacks packages of package-lock.json.',
      'Run `npm ci --ignore-scripts` where it points to.',
    );
  }
  say('npm packages: installing those of package-lock.json (about a minute)');
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts'];
  let { ok, log } = await npm(['ci', ...quietly], { cwd: root });
  if (!ok && log.includes('EUSAGE')) {
    // A registry that lacks the packages of other platforms leaves them out of the lock, and then `npm ci` refuses it.
    ({ ok, log } = await npm(['install', '--no-save', ...quietly], { cwd: root }));
  }
  if (!ok) {
    throw new SetUpError(
      `npm could not install the packages:\n${errors(log)}`,
      'Check the network and the npm registry settings, then run the command again.',
    );
  }
  writeStamp('packages', wanted);
}

/** Somebody has run `npm install` or `npm ci` already: npm notes what it has put there. */
function matches(lock) {
  const installed = inPackages('.package-lock.json');
  if (!existsSync(installed)) return false;
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(JSON.parse(lock).packages).every(
    ([path, entry]) => !path || entry.optional || there[path]?.version === entry.version,
  );
}

const errors = (log) =>
  log
    .split('\n')
    .filter((line) => /^npm (error|ERR!) \S/.test(line))
    .slice(0, 8)
    .join('\n');
