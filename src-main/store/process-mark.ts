/**
 * A file that says which process works on something, so that another one does not take it for abandoned. Holds the process
 * number and, where the system tells it, when the process started: numbers are used again.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Written by the process itself when it begins. */
export function writeProcessMark(file: string, pid: number = process.pid): void {
  writeFileSync(file, `${pid} ${startOf(pid) ?? ''}\n`);
}

/** Whether the process that wrote it lives; null when there is no such file. */
export function isMarkedProcessAlive(file: string): boolean | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
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
