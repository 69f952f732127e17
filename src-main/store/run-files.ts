/** The files of a run's folder outside its training: snapshot.json written, metrics.jsonl read, all of it removed. */
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import type { RunFiles, RunMetrics, RunSnapshot } from '../services/ports';
import { isTrainerAlive } from './trainer-pid';

/** More records than this are thinned evenly: a plot has no more pixels. */
const RECORDS_KEPT = 4_000;

export const runFiles: RunFiles = {
  writeSnapshot,
  readMetrics,
  isTrainerAlive,
  remove: (runDirectory) => rm(runDirectory, { recursive: true, force: true }),
  adopt: (prepared, runDirectory) => rename(prepared, runDirectory),
};

/** Written beside, synced, renamed: a run's folder never holds half a snapshot. */
async function writeSnapshot(runDirectory: string, snapshot: RunSnapshot): Promise<void> {
  await mkdir(runDirectory, { recursive: true });
  const temporary = join(runDirectory, 'snapshot.json.part');
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(JSON.stringify(snapshot));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(runDirectory, 'snapshot.json'));
}

/**
 * The records of metrics.jsonl after a step, in order of steps. Steps that were trained again after a crash appear once,
 * as they went the last time; a half-written last line is left out.
 */
async function readMetrics(runDirectory: string, afterStep: number): Promise<RunMetrics> {
  const metrics: MetricRecord[] = [];
  const validations: ValidationRecord[] = [];
  const file = createReadStream(join(runDirectory, 'metrics.jsonl'), 'utf8');
  try {
    for await (const line of createInterface({ input: file, crlfDelay: Infinity })) {
      const record = parseRecord(line);
      if (record === null) continue;
      if ('meanAveragePrecision' in record) appendInOrder(validations, record);
      else appendInOrder(metrics, record);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return {
    metrics: thin(metrics.filter(({ step }) => step > afterStep)),
    validations: validations.filter(({ step }) => step > afterStep),
  };
}

function parseRecord(line: string): MetricRecord | ValidationRecord | null {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record !== 'object' || record === null || !Number.isInteger((record as { step?: unknown }).step))
      return null;
    return record as MetricRecord | ValidationRecord;
  } catch {
    return null;
  }
}

function appendInOrder<R extends { readonly step: number }>(records: R[], record: R): void {
  while (records.length > 0 && records[records.length - 1].step >= record.step) records.pop();
  records.push(record);
}

function thin<R>(records: readonly R[]): readonly R[] {
  if (records.length <= RECORDS_KEPT) return records;
  const last = records.length - 1;
  return Array.from({ length: RECORDS_KEPT }, (_, k) => records[Math.round((k * last) / (RECORDS_KEPT - 1))]);
}
