import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { say } from './say.mjs';

/** Points git at .githooks, in a checkout whose owner has not chosen another folder. */
export function setUpHooks() {
  if (!existsSync(join(root, '.git'))) return;
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (git('config', 'core.hooksPath').stdout?.trim()) return;
  if (git('config', '--local', 'core.hooksPath', '.githooks').status === 0)
    say('git: the checks before a commit are in .githooks');
}
