import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adoptFolder, prepareFolder, removeAbandonedFolders } from '../../../src-main/store/prepared-folder';
import { writeProcessMark } from '../../../src-main/store/process-mark';

const project = mkdtempSync(join(tmpdir(), 'prepared-'));
const runs = join(project, 'runs');
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('what a killed process had made ready is removed; that of a living one, a young one and runs stay', async () => {
  const mine = await prepareFolder(project);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const theirs = join(runs, 'new-theirs');
  mkdirSync(theirs);
  writeProcessMark(join(theirs, 'owner.pid'), child.pid);
  writeFileSync(join(theirs, 'start.safetensors'), 'half of it');
  const [young, old, run] = ['new-young', 'new-old', '7'].map((name) => join(runs, name));
  for (const folder of [young, old, run]) mkdirSync(folder);
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  for (const folder of [old, run]) utimesSync(folder, longAgo, longAgo);

  await removeAbandonedFolders(project);
  expect([mine, theirs, young, old, run].map((folder) => existsSync(folder))).toEqual([true, true, true, false, true]);

  child.kill('SIGKILL');
  await once(child, 'exit');
  await removeAbandonedFolders(project);
  expect(existsSync(theirs)).toBe(false);
  expect(existsSync(mine)).toBe(true);
});

it('becomes the folder of a run without the name of who made it', async () => {
  const prepared = await prepareFolder(project);
  writeFileSync(join(prepared, 'start.safetensors'), 'weights');
  await adoptFolder(prepared, join(runs, '8'));
  expect([existsSync(join(runs, '8/start.safetensors')), existsSync(join(runs, '8/owner.pid'))]).toEqual([true, false]);
});

it('a project without runs has nothing to remove', async () => {
  await expect(removeAbandonedFolders(join(project, 'none'))).resolves.toBeUndefined();
});
