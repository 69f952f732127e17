import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PictureOrder } from '@core/experiment/picture-order';
import { readNewestCheckpoint } from '../../../src-main/engine/checkpoint';
import type { SnapshotImage } from '../../../src-main/services/ports';
import { builtWorker } from '../../support/build';
import { drawDiscs } from '../../support/pictures';
import { SMALL_RUN, startJob, trainToEnd, writeRun } from '../../support/training-run';

/** A file that is always full; only Linux has it. */
const FULL = '/dev/full';

let folder: string;
let compute: string;
let images: readonly SnapshotImage[];

beforeAll(async () => {
  compute = builtWorker('compute');
  folder = mkdtempSync(join(tmpdir(), 'ssd-reliability-'));
  images = await drawDiscs(join(folder, 'pictures'), 8);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const weightsOf = async (run: string) => (await readNewestCheckpoint(run))?.weights;

describe('a training', () => {
  it('is the only one in its run: a second trainer is refused and the first goes on', async () => {
    const run = writeRun(join(folder, 'twice'), images, { steps: 100_000, checkpointEverySteps: 50_000 });
    const first = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    await first.until('metrics');
    const second = startJob(compute, { kind: 'train', runDirectory: run, resume: true });
    expect((await second.until('failed')).message).toMatch(/being trained by another window or command line/);
    await second.exited;
    first.handle.order('pause');
    expect((await first.until('done')).result).toMatchObject({ ended: 'paused' });
    await first.exited;
  });

  it('falls back to the checkpoint before when a power cut spoiled the newest, and ends the same', async () => {
    const [whole, cut] = ['whole', 'cut'].map((name) => writeRun(join(folder, name), images));
    await trainToEnd(compute, whole);
    await trainToEnd(compute, cut);
    const newest = join(cut, 'checkpoints/step-00000012.safetensors');
    truncateSync(newest, Math.floor(statSync(newest).size / 2));
    const { messages } = await trainToEnd(compute, cut, true);
    expect(messages.flatMap((m) => (m.kind === 'warning' ? [m.message] : [])).join()).toMatch(
      /step-00000012.*cannot be used/,
    );
    expect(messages.flatMap((m) => (m.kind === 'checkpoint' ? [m.step] : []))).toEqual([12]);
    expect(await weightsOf(cut)).toEqual(await weightsOf(whole));
  });

  it('goes on without a picture that is deleted meanwhile, and names it', async () => {
    const own = await drawDiscs(join(folder, 'deleted'), 24, 5);
    const run = writeRun(join(folder, 'without'), own, { steps: 14, batchSize: 2 });
    const last = own[new PictureOrder(SMALL_RUN.seed, own.length).at(own.length - 1).index];
    const job = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    await job.until('ready');
    rmSync(last.path);
    expect((await job.until('done')).result).toMatchObject({ ended: 'finished', step: 14 });
    await job.exited;
    expect(job.messages.flatMap((m) => (m.kind === 'warning' ? [m.message] : [])).join()).toContain(last.path);
  });
});

describe.skipIf(!existsSync(FULL))('a full disk', () => {
  it('while a checkpoint is written ends the run with the one before it whole, and it goes on when there is room', async () => {
    const run = writeRun(join(folder, 'full'), images, { steps: 60, checkpointEverySteps: 20 });
    const job = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    await job.until('checkpoint', ({ step }) => step === 20);
    symlinkSync(FULL, join(run, 'checkpoints/step-00000040.safetensors.part'));
    const failed = await job.until('failed');
    expect(failed.message).toMatch(/checkpoint of step 40 could not be written: the disk is full/);
    expect(failed.advice).toMatch(/Free some space, then continue/);
    await job.exited;
    expect((await readNewestCheckpoint(run))?.step).toBe(20);
    expect(await trainToEnd(compute, run, true)).toMatchObject({ ended: 'finished', step: 60 });
  });

  it('while metrics are written ends the run and says so', async () => {
    const run = writeRun(join(folder, 'full-metrics'), images, { steps: 100_000, checkpointEverySteps: 20 });
    const job = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    await job.until('checkpoint');
    rmSync(join(run, 'metrics.jsonl'));
    symlinkSync(FULL, join(run, 'metrics.jsonl'));
    expect((await job.until('failed')).message).toMatch(/metrics of step \d+ could not be written: the disk is full/);
    await job.exited;
    expect((await readNewestCheckpoint(run))?.step).toBeGreaterThanOrEqual(20);
  });
});
