/** runs/<id>/metrics.jsonl: one MetricRecord or ValidationRecord a line, appended while a run trains. */
import { appendFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { keepLines } from './log-lines';

const fileOf = (runDirectory: string): string => join(runDirectory, 'metrics.jsonl');

/**
 * Small and rare enough to write at once: a record that was shown is also in the file, whatever happens to the process.
 * Throws StudioFailure 'disk-full'; a line that was cut is left out when the run goes on.
 */
export function appendMetrics(runDirectory: string, records: readonly (MetricRecord | ValidationRecord)[]): void {
  if (records.length === 0) return;
  try {
    appendFileSync(fileOf(runDirectory), records.map((record) => JSON.stringify(record) + '\n').join(''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new StudioFailure(
      'disk-full',
      `The metrics of step ${records[0].step} could not be written: the disk is full.`,
      'The last checkpoint is whole. Free some space, then continue the run.',
      { cause: error },
    );
  }
}

/** Leaves out what lies after `step` and what is not a record (a line cut by a crash): a resumed run writes that again. */
export async function truncateMetrics(runDirectory: string, step: number): Promise<void> {
  const path = fileOf(runDirectory);
  if (step === 0) return rm(path, { force: true });
  await keepLines(path, (line) => stepOfLine(line) <= step);
}

function stepOfLine(line: string): number {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === 'number' ? step : Infinity;
  } catch {
    return Infinity;
  }
}
