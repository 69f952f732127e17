/** The files of a run's folder outside its training: snapshot.json written, metrics, previews and suspects read, all of it removed. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readPreviewLine, type PreviewRecord, type RunPreviews } from '@core/experiment/preview';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { readSuspectFile, stepOfSuspectFile, suspectFileName, type SuspectsAt } from '@core/experiment/suspect-file';
import type { RunFiles, RunMetrics, RunSnapshot } from '../services/ports';
import { adoptFolder, prepareFolder, removeAbandonedFolders } from './prepared-folder';
import { isTrainerAlive } from './trainer-pid';

/** More records than this are thinned evenly: a plot has no more pixels. */
const RECORDS_KEPT = 4_000;
/** A slider has no more places. */
const PREVIEWS_KEPT = 400;

export const runFiles: RunFiles = {
  writeSnapshot,
  readMetrics,
  readPreviews,
  readSuspects,
  isTrainerAlive,
  remove: (runDirectory) => rm(runDirectory, { recursive: true, force: true }),
  prepare: prepareFolder,
  adopt: adoptFolder,
  removeAbandoned: removeAbandonedFolders,
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
  for await (const line of linesOf(join(runDirectory, 'metrics.jsonl'))) {
    const record = parseRecord(line);
    if (record === null) continue;
    if ('meanAveragePrecision' in record) appendInOrder(validations, record);
    else appendInOrder(metrics, record);
  }
  return {
    metrics: thin(
      metrics.filter(({ step }) => step > afterStep),
      RECORDS_KEPT,
    ),
    validations: validations.filter(({ step }) => step > afterStep),
  };
}

/**
 * What lies in previews.jsonl. The pictures are those of its first line; a validation that has other pictures, one done again
 * after a crash, and lines that are none of ours are left out.
 */
async function readPreviews(runDirectory: string): Promise<RunPreviews> {
  let pictures: RunPreviews['pictures'] | null = null;
  const records: PreviewRecord[] = [];
  for await (const line of linesOf(join(runDirectory, 'previews.jsonl'))) {
    const read = readPreviewLine(line);
    if (read === null) continue;
    if (!('step' in read)) pictures ??= read;
    else if (read.detections.length === pictures?.length) appendInOrder(records, read);
  }
  return { pictures: pictures ?? [], records: thin(records, PREVIEWS_KEPT) };
}

/** The newest file of suspects/ that is whole. */
async function readSuspects(runDirectory: string): Promise<SuspectsAt | null> {
  const folder = join(runDirectory, 'suspects');
  const steps = (await readdir(folder).catch((): string[] => []))
    .map(stepOfSuspectFile)
    .filter((step) => step !== null);
  for (const step of steps.sort((a, b) => b - a)) {
    const read = readSuspectFile(await readFile(join(folder, suspectFileName(step)), 'utf8').catch(() => ''));
    if (read !== null) return read;
  }
  return null;
}

/** None where there is no file. */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
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

function thin<R>(records: readonly R[], kept: number): readonly R[] {
  if (records.length <= kept) return records;
  const last = records.length - 1;
  return Array.from({ length: kept }, (_, k) => records[Math.round((k * last) / (kept - 1))]);
}
