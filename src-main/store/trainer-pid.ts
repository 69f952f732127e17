/**
 * runs/<id>/trainer.pid: which process trains a run, so that another one that opens the project does not take the run for
 * interrupted.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMarkedProcessAlive, writeProcessMark } from './process-mark';

const fileIn = (runDirectory: string): string => join(runDirectory, 'trainer.pid');

/** Written by the training process itself when it begins. */
export function writeTrainerPid(runDirectory: string, pid: number = process.pid): void {
  mkdirSync(runDirectory, { recursive: true });
  writeProcessMark(fileIn(runDirectory), pid);
}

export function removeTrainerPid(runDirectory: string): void {
  rmSync(fileIn(runDirectory), { force: true });
}

export function isTrainerAlive(runDirectory: string): boolean {
  return isMarkedProcessAlive(fileIn(runDirectory)) ?? false;
}
