/** runs/<id>/metrics.jsonl: one MetricRecord or ValidationRecord a line, appended while a run trains. */
import { appendFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';

const fileOf = (runDirectory: string): string => join(runDirectory, 'metrics.jsonl');

/** Small and rare enough to write at once: a record that was shown is also in the file, whatever happens to the process. */
export function appendMetrics(runDirectory: string, records: readonly (MetricRecord | ValidationRecord)[]): void {
  if (records.length === 0) return;
  appendFileSync(fileOf(runDirectory), records.map((record) => JSON.stringify(record) + '\n').join(''));
}

/** Leaves out what lies after `step` and what is not a record (a line cut by a crash): a resumed run writes that again. */
export async function truncateMetrics(runDirectory: string, step: number): Promise<void> {
  const path = fileOf(runDirectory);
  if (step === 0) return rm(path, { force: true });
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const kept = text.split('\n').filter((line) => stepOfLine(line) <= step);
  const file = await open(`${path}.part`, 'w');
  try {
    await file.writeFile(kept.map((line) => line + '\n').join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

function stepOfLine(line: string): number {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === 'number' ? step : Infinity;
  } catch {
    return Infinity;
  }
}
