import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isTrainerAlive, removeTrainerPid, writeTrainerPid } from '../../../src-main/store/trainer-pid';

it('a trainer is alive while its process is, and no other with its number passes for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
  try {
    expect(isTrainerAlive(folder)).toBe(false);
    writeTrainerPid(folder);
    expect(isTrainerAlive(folder)).toBe(true);
    removeTrainerPid(folder);
    expect(isTrainerAlive(folder)).toBe(false);

    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    writeTrainerPid(folder, child.pid);
    expect(isTrainerAlive(folder)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isTrainerAlive(folder)).toBe(false);

    writeFileSync(join(folder, 'trainer.pid'), 'rubbish');
    expect(isTrainerAlive(folder)).toBe(false);
    if (process.platform === 'linux') {
      writeFileSync(join(folder, 'trainer.pid'), `${process.pid} 12345`);
      expect(isTrainerAlive(folder)).toBe(false);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
