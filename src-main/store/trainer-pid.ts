/**
 * runs/<id>/trainer.pid: which process trains a run, so that another one that opens the project does not take the run for
 * interrupted. Holds the process number and, where the system tells it, when the process started: numbers are used again.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileIn = (runDirectory: string): string => join(runDirectory, 'trainer.pid');

/** Written by the training process itself when it begins. */
export function writeTrainerPid(runDirectory: string, pid: number = process.pid): void {
  mkdirSync(runDirectory, { recursive: true });
  writeFileSync(fileIn(runDirectory), `${pid} ${startOf(pid) ?? ''}\n`);
}

export function removeTrainerPid(runDirectory: string): void {
  rmSync(fileIn(runDirectory), { force: true });
}

export function isTrainerAlive(runDirectory: string): boolean {
  let text: string;
  try {
    text = readFileSync(fileIn(runDirectory), 'utf8');
  } catch {
    return false;
  }
  const [pid, start] = text.trim().split(' ');
  if (!/^[1-9]\d{0,9}$/.test(pid) || !exists(Number(pid))) return false;
  const now = startOf(Number(pid));
  return start === undefined || now === null || start === now;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks from boot to the start of a process, the 22nd field of its stat; Linux only. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, the program's name, may hold spaces and brackets. State Z: ended, not yet collected.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? null);
  } catch {
    return null;
  }
}
