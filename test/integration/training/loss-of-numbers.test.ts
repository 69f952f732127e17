import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricRecord } from '@core/experiment/run';
import { readNewestCheckpoint } from '../../../src-main/engine/checkpoint';
import type { SnapshotImage } from '../../../src-main/services/ports';
import { builtWorker } from '../../support/build';
import { drawDiscs } from '../../support/pictures';
import { startJob, trainToEnd, writeRun } from '../../support/training-run';

let folder: string;
let compute: string;
let images: readonly SnapshotImage[];

beforeAll(async () => {
  compute = builtWorker('compute');
  folder = mkdtempSync(join(tmpdir(), 'ssd-numbers-'));
  images = await drawDiscs(join(folder, 'pictures'), 6);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A box that reaches far out of the picture, as a labels' file edited by hand may have it. */
const spoiled = (image: SnapshotImage): SnapshotImage => ({
  ...image,
  objects: [...image.objects, [0, 3, 4, 9000, 50, 0]],
});
const constant = { kind: 'constant', warmupSteps: 0 } as const;
const WILD = { steps: 400, learningRate: 10, momentum: 0.999, alpha: 1000, schedule: constant };

describe('a loss that stops being a number', () => {
  it('sets the run back once with half the learning rate, then ends it and names pictures and boxes', async () => {
    const run = writeRun(join(folder, 'diverges'), images, { ...WILD, checkpointEverySteps: 1 });
    const job = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    const failed = await job.until('failed');
    const rollbacks = job.messages.flatMap((message) => (message.kind === 'rollback' ? [message] : []));
    expect(rollbacks).toHaveLength(1);
    expect(rollbacks[0].message).toMatch(/goes on from .* half the learning rate \(5\).*discs-\d\.png: (red|blue) \[/);
    expect(failed.message).toMatch(
      /stopped being a number at step \d+, on the pictures .*discs-\d\.png: (red|blue) \[/,
    );
    expect(failed.advice).toMatch(/learning rate well below 5/);
    expect((await job.exited).code).toBe(1);
    const checkpoint = await readNewestCheckpoint(run);
    expect(checkpoint?.rolledBackFrom).toBeGreaterThan(0);
    for (const { values } of checkpoint?.weights ?? []) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('that comes from the rate alone is survived: half of it trains on, also after a pause, and the metrics say so', async () => {
    const changes = { ...WILD, checkpointEverySteps: 1000, evaluateEverySteps: 2 };
    const run = writeRun(join(folder, 'once'), images, changes, images.slice(0, 2));
    const job = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    const { step, message } = await job.until('rollback');
    expect(step).toBe(0);
    expect(message).toMatch(/from its first weights with half the learning rate \(5\)/);
    await job.exited;
    const newest = (await readNewestCheckpoint(run))!;
    expect([newest.step, newest.rolledBackFrom]).toEqual([0, expect.any(Number)]);
    // The best checkpoint outlives the steps that were discarded, and is what later ones are held against.
    const bests = job.messages.flatMap((message) => (message.kind === 'best' ? [message] : []));
    const before = bests.filter(
      (_, i) => job.messages.indexOf(bests[i]) < job.messages.findIndex(({ kind }) => kind === 'rollback'),
    );
    expect(newest.validations.best).toMatchObject({ step: before.at(-1)?.step });
    for (let i = 1; i < bests.length; i++) {
      expect(bests[i].meanAveragePrecision).toBeGreaterThan(bests[i - 1].meanAveragePrecision);
    }

    writeRun(run, images, { steps: 30, learningRate: 0.01, schedule: constant });
    expect(await trainToEnd(compute, run, true)).toMatchObject({ ended: 'finished', step: 30 });
    const metrics = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as MetricRecord);
    expect(metrics.every(({ learningRate }) => learningRate === 0.005)).toBe(true);
  });

  it('names the picture with a suspicious box first, and says what is wrong with it', async () => {
    const run = writeRun(join(folder, 'poisoned'), [...images.slice(1), spoiled(images[0])], {
      ...WILD,
      batchSize: 6,
    });
    const job = startJob(compute, { kind: 'train', runDirectory: run, resume: false });
    const { message } = await job.until('failed');
    expect(message).toMatch(
      /on the pictures [^;]*discs-0\.png: red \[3, 4, 9000, 50\] \(outside the picture\), (red|blue)/,
    );
  });
});
