import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rateOfStep } from '@core/experiment/learning-rate-finder';
import type { SnapshotImage } from '../../../src-main/services/ports';
import { builtWorker } from '../../support/build';
import { drawDiscs } from '../../support/pictures';
import { SMALL_RUN, startJob, trainToEnd, writeRun } from '../../support/training-run';

let folder: string;
let compute: string;
let images: readonly SnapshotImage[];

beforeAll(async () => {
  compute = builtWorker('compute');
  folder = mkdtempSync(join(tmpdir(), 'ssd-find-rate-'));
  images = await drawDiscs(join(folder, 'pictures'), 8);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RANGE = { from: 1e-4, to: 10, steps: 20 };

async function find(name: string, range = RANGE) {
  const runDirectory = writeRun(join(folder, name), images);
  const job = startJob(compute, { kind: 'find-rate', runDirectory, range });
  const { result } = await job.until('done');
  await job.exited;
  if (result.kind !== 'find-rate') throw new Error(`a ${result.kind} instead of a test of rates`);
  return { ...result, runDirectory, messages: job.messages };
}

describe('the learning-rate finder', () => {
  it('begins with the very step that the training would take, says every loss as it comes, leaves nothing behind, and gives the same again', async () => {
    const { samples, messages, runDirectory } = await find('first');
    const run = writeRun(join(folder, 'training'), images, { steps: 1 });
    const trained = await trainToEnd(compute, run);
    const [record] = trained.messages.flatMap((message) => (message.kind === 'metrics' ? message.metrics : []));
    expect(samples[0].loss).toBe(record.confidenceLoss + SMALL_RUN.alpha * record.localisationLoss);
    expect(samples.map(({ rate }) => rate)).toEqual(samples.map((_, step) => rateOfStep(RANGE, step)));
    expect(messages.flatMap((message) => (message.kind === 'rate' ? [message.sample] : []))).toEqual(samples);
    expect(readdirSync(runDirectory)).toEqual(['snapshot.json']);
    expect((await find('again')).samples).toEqual(samples);
  });

  it('ends where the loss diverges', async () => {
    const { samples, diverged } = await find('far', { from: 1e-3, to: 1e4, steps: 30 });
    expect(diverged).toBe(true);
    expect(samples.length).toBeLessThan(30);
    expect(samples.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it('ends at once when it is cancelled', async () => {
    const runDirectory = writeRun(join(folder, 'cancelled'), images);
    const job = startJob(compute, { kind: 'find-rate', runDirectory, range: { ...RANGE, steps: 10_000 } });
    await job.until('rate');
    job.handle.order('cancel');
    expect((await job.until('failed')).message).toBe('Cancelled.');
    await job.exited;
  });
});
