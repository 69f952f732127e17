/** kill -9 at random moments: what the lives of a run make together is what one life makes, to the last bit. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';
import { readDetectorWeights, readNewestCheckpoint } from '../../../src-main/engine/checkpoint';
import type { SnapshotImage } from '../../../src-main/services/ports';
import { runFiles } from '../../../src-main/store/run-files';
import { builtWorker } from '../../support/build';
import { drawDiscs } from '../../support/pictures';
import { startJob, trainToEnd, writeRun } from '../../support/training-run';

const KILLS = 20;
const network = { architecture: 'slim320', widthMultiplier: 1, input: { width: 96, height: 64 } } as const;
/** On one thread of WebAssembly sums have one order, so that nothing but a lost state can make a difference. */
const SETTINGS = {
  network,
  defaultBoxes: presetDefaultBoxes(network),
  engine: 'wasm',
  steps: 70,
  batchSize: 4,
  learningRate: 0.02,
  checkpointEverySteps: 2,
  evaluateEverySteps: 5,
  averageWeights: 0.95,
  earlyStopping: { patience: 9 },
} as const;

let folder: string;
let compute: string;
let train: readonly SnapshotImage[];
let val: readonly SnapshotImage[];

beforeAll(async () => {
  compute = builtWorker('compute');
  folder = mkdtempSync(join(tmpdir(), 'ssd-kill-'));
  const images = await drawDiscs(join(folder, 'pictures'), 14);
  [train, val] = [images.slice(0, 11), images.slice(11)];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Losses of the steps that have a record of their own: records over several steps begin where a life began. */
async function singleSteps(run: string): Promise<Map<number, readonly number[]>> {
  const { metrics } = await runFiles.readMetrics(run, -1);
  const alone = metrics.filter(({ step }, i) => step === (metrics[i - 1]?.step ?? 0) + 1);
  return new Map(alone.map((record) => [record.step, lossesOf(record)]));
}
const lossesOf = (record: MetricRecord): readonly number[] => [
  record.confidenceLoss,
  record.localisationLoss,
  record.learningRate,
  record.gradientNorm ?? NaN,
  ...(record.confidenceLossPerSource ?? []),
];
const validationsOf = async (run: string): Promise<readonly ValidationRecord[]> =>
  (await runFiles.readMetrics(run, -1)).validations;

it(`a run killed ${KILLS} times ends with the weights, optimiser, average, losses and validations of one that never was`, async () => {
  const whole = writeRun(join(folder, 'whole'), train, SETTINGS, val);
  const uninterrupted = await trainToEnd(compute, whole);
  const killed = writeRun(join(folder, 'killed'), train, SETTINGS, val);
  const random = Random.seeded(Number(process.env['SSD_STUDIO_SEED'] ?? 20), 9);
  for (let kill = 0; kill < KILLS; kill++) {
    const from = (await readNewestCheckpoint(killed))?.step ?? 0;
    const job = startJob(compute, { kind: 'train', runDirectory: killed, resume: kill > 0 });
    // A random place: at the start, in a step, while a checkpoint is written, while it validates.
    const far = from + random.integer(6);
    await job
      .until('metrics', ({ metrics }) => far === from || metrics.some(({ step }) => step >= far))
      .catch(() => {});
    await wait(random.uniform(0, 60));
    job.handle.kill();
    await job.exited;
  }
  const { step, endedEarly } = await trainToEnd(compute, killed, true);
  expect({ step, endedEarly }).toEqual({ step: uninterrupted.step, endedEarly: uninterrupted.endedEarly });

  const { seconds: _, ...ended } = (await readNewestCheckpoint(killed))!;
  const { seconds: __, ...expected } = (await readNewestCheckpoint(whole))!;
  expect(ended).toEqual(expected);
  expect(ended.average.length).toBeGreaterThan(0);
  expect(await readDetectorWeights(killed)).toEqual(await readDetectorWeights(whole));
  expect(await validationsOf(killed)).toEqual(await validationsOf(whole));

  const [losses, expectedLosses] = [await singleSteps(killed), await singleSteps(whole)];
  const both = [...losses.keys()].filter((key) => expectedLosses.has(key));
  for (const key of both) expect(losses.get(key), `step ${key}`).toEqual(expectedLosses.get(key));
  expect(readFileSync(join(killed, 'metrics.jsonl'), 'utf8')).toMatch(/\n$/);
}, 600_000);
