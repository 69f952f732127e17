import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inPackages, root } from './places.mjs';
import { npm, tail } from './run.mjs';
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
  const { ok, log } = await npm(['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: root });
  if (!ok) {
    throw new SetUpError(
      `npm could not install the packages:\n${tail(log)}`,
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
