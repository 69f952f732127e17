import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricRecord } from '@core/experiment/run';
import { readNewestCheckpoint } from '../../../src-main/engine/checkpoint';
import { encodeStartWeights, startWeightsPath } from '../../../src-main/engine/start-weights';
import type { SnapshotImage } from '../../../src-main/services/ports';
import { builtWorker } from '../../support/build';
import { drawDiscs } from '../../support/pictures';
import { startJob, trainToEnd, writeRun } from '../../support/training-run';

let folder: string;
let compute: string;
let images: readonly SnapshotImage[];

beforeAll(async () => {
  compute = builtWorker('compute');
  folder = mkdtempSync(join(tmpdir(), 'ssd-compute-'));
  images = await drawDiscs(join(folder, 'pictures'), 8);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lastWeights = async (run: string) => (await readNewestCheckpoint(run))?.weights;
const metricsOf = (run: string): MetricRecord[] =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricRecord);
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('training in the compute process', () => {
  it('trains to the last step: engine, metrics, checkpoints and validation in its messages, metrics in its file', async () => {
    const run = writeRun(join(folder, 'whole'), images, { evaluateEverySteps: 6, engine: 'auto' }, images.slice(0, 3));
    const { messages, ...result } = await trainToEnd(compute, run);
    expect(result).toEqual({ kind: 'train', ended: 'finished', step: 12, endedEarly: null });
    expect(messages[0].kind).toBe('ready');
    expect(messages.flatMap((m) => (m.kind === 'checkpoint' ? [m.step] : []))).toEqual([5, 10, 12]);
    const metrics = messages.flatMap((m) => (m.kind === 'metrics' ? [...m.metrics] : []));
    expect(metrics.at(-1)).toMatchObject({ step: 12, learningRate: expect.any(Number) as number });
    expect(metrics[0].positivesPerSource).toHaveLength(4);
    for (const record of metrics) {
      const total = (parts: readonly number[] = []) => parts.reduce((sum, part) => sum + part, 0);
      expect(record.confidenceLossPerSource).toHaveLength(4);
      expect(total(record.confidenceLossPerSource)).toBeCloseTo(record.confidenceLoss, 6);
      expect(total(record.localisationLossPerSource)).toBeCloseTo(record.localisationLoss, 6);
      expect(record.gradientNorm).toBeGreaterThan(0);
    }
    const validations = messages.flatMap((m) => (m.kind === 'metrics' ? [...m.validations] : []));
    expect(validations.map(({ step }) => step)).toEqual([6, 12]);
    expect(validations[1].averagePrecision.map(({ className }) => className)).toEqual(['red', 'blue']);
    expect(metricsOf(run)).toHaveLength(metrics.length + 2);
    expect(readdirSync(join(run, 'checkpoints'))).toEqual([
      'best.safetensors',
      'step-00000010.safetensors',
      'step-00000012.safetensors',
    ]);
  });

  it('learns: the losses of the discs fall', async () => {
    const run = writeRun(join(folder, 'learns'), images, { steps: 60, engine: 'auto', learningRate: 0.02 });
    await trainToEnd(compute, run);
    const losses = metricsOf(run).map(({ confidenceLoss, localisationLoss }) => confidenceLoss + localisationLoss);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-5))).toBeLessThan(0.75 * mean(losses.slice(0, 5)));
  });

  it('goes on after a pause exactly as if it had not been interrupted', async () => {
    const whole = writeRun(join(folder, 'uninterrupted'), images);
    await trainToEnd(compute, whole);
    const paused = writeRun(join(folder, 'paused'), images);
    const job = startJob(compute, { kind: 'train', runDirectory: paused, resume: false });
    await job.until('metrics');
    job.handle.order('pause');
    const { result } = await job.until('done');
    expect(result).toMatchObject({ kind: 'train', ended: 'paused' });
    expect((await readNewestCheckpoint(paused))?.step).toBe(result.kind === 'train' ? result.step : -1);
    expect((await job.exited).code).toBe(0);
    expect(await trainToEnd(compute, paused, true)).toMatchObject({ ended: 'finished', step: 12 });
    expect(await lastWeights(paused)).toEqual(await lastWeights(whole));
  });

  it('goes on after kill -9 from its last checkpoint and ends with the same weights', async () => {
    const whole = join(folder, 'uninterrupted');
    const killed = writeRun(join(folder, 'killed'), images);
    const job = startJob(compute, { kind: 'train', runDirectory: killed, resume: false });
    await job.until('checkpoint', ({ step }) => step === 5);
    await job.until('metrics', ({ metrics }) => metrics.some(({ step }) => step > 5));
    job.handle.kill();
    expect((await job.exited).code).toBeNull();
    expect((await readNewestCheckpoint(killed))?.step).toBeGreaterThanOrEqual(5);
    await trainToEnd(compute, killed, true);
    expect(await lastWeights(killed)).toEqual(await lastWeights(whole));
    const steps = metricsOf(killed).map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(12);
  });

  it('begins from the weights of a file, also when it is continued before its first checkpoint', async () => {
    const startWeights = {
      fileName: 'a.pth',
      sha256: '0'.repeat(64),
      layout: 'studio',
      matched: 1,
      total: 2,
    };
    const [fresh, first] = ['fresh', 'from-file'].map((name) =>
      writeRun(join(folder, name), images, { steps: 2, ...(name === 'fresh' ? {} : { startWeights }) }),
    );
    await trainToEnd(compute, fresh);
    const name = 'base_net.1.3.weight';
    const own = (await lastWeights(fresh))!.find((tensor) => tensor.name === name)!;
    const start = { ...own, values: own.values.map((_, i) => Math.fround(Math.sin(i))) };
    const again = writeRun(join(folder, 'from-file-again'), images, { steps: 2, startWeights });
    for (const run of [first, again]) writeFileSync(startWeightsPath(run), Buffer.concat(encodeStartWeights([start])));
    await trainToEnd(compute, first);
    await trainToEnd(compute, again, true);
    expect(await lastWeights(again)).toEqual(await lastWeights(first));
    const learnt = (await lastWeights(first))!.find((tensor) => tensor.name === name)!;
    const distance = Math.max(...learnt.values.map((value, i) => Math.abs(value - start.values[i])));
    expect(distance, 'two steps lead not far from the file').toBeLessThan(0.1);

    writeFileSync(startWeightsPath(first), 'spoiled');
    const spoiled = startJob(compute, { kind: 'train', runDirectory: first, resume: false });
    expect((await spoiled.until('failed')).message).toMatch(/begins from cannot be read.*start\.safetensors/);
  });

  it('goes on to the same weights but for rounding on TensorFlow', async () => {
    const settings = { engine: 'tensorflow', steps: 8, checkpointEverySteps: 4 } as const;
    const whole = writeRun(join(folder, 'tf-whole'), images, settings);
    await trainToEnd(compute, whole);
    const killed = writeRun(join(folder, 'tf-killed'), images, settings);
    const job = startJob(compute, { kind: 'train', runDirectory: killed, resume: false });
    await job.until('checkpoint', ({ step }) => step === 4);
    job.handle.kill();
    await job.exited;
    await trainToEnd(compute, killed, true);
    const [a, b] = [await lastWeights(whole), await lastWeights(killed)];
    expect(a?.map(({ name }) => name)).toEqual(b?.map(({ name }) => name));
    const differences = a?.map(({ values }, k) =>
      Math.max(...values.map((value, i) => Math.abs(value - b![k].values[i]))),
    );
    expect(Math.max(...(differences ?? [Infinity]))).toBeLessThan(1e-3);
  });

  it('writes a checkpoint and ends when its parent dies', async () => {
    const run = writeRun(join(folder, 'orphan'), images, { steps: 100_000, checkpointEverySteps: 50_000 });
    const script = join(folder, 'parent.mjs');
    writeFileSync(
      script,
      `import { fork } from 'node:child_process';
       const child = fork(${JSON.stringify(compute)}, [], { serialization: 'advanced', stdio: 'ignore' });
       child.on('message', (message) => process.send({ pid: child.pid, kind: message.kind }));
       child.send({ kind: 'job', job: { kind: 'train', runDirectory: ${JSON.stringify(run)}, resume: false } });`,
    );
    const parent = fork(script);
    const pid = await new Promise<number>((resolve) =>
      parent.on('message', (message: { pid: number; kind: string }) => {
        if (message.kind === 'metrics') resolve(message.pid);
      }),
    );
    parent.kill('SIGKILL');
    for (let i = 0; i < 200 && alive(pid); i++) await wait(100);
    expect(alive(pid)).toBe(false);
    expect((await readNewestCheckpoint(run))?.step).toBeGreaterThan(0);
  });

  it('trains on around a corrupt and a missing picture and names both', async () => {
    const corrupt = join(folder, 'corrupt.jpg');
    writeFileSync(corrupt, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]));
    const some = images.map((image, i) =>
      i === 1 ? { ...image, path: corrupt } : i === 4 ? { ...image, path: join(folder, 'gone.jpg') } : image,
    );
    const run = writeRun(join(folder, 'some'), some, { steps: 4 });
    const { messages, ended } = await trainToEnd(compute, run);
    expect(ended).toBe('finished');
    const warnings = messages.flatMap((m) => (m.kind === 'warning' ? [m.message] : []));
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/corrupt\.jpg/);
    expect(warnings.join()).toMatch(/gone\.jpg: the file does not exist/);
  });

  it('says what is missing when there is nothing to train on', async () => {
    const none = startJob(compute, { kind: 'train', runDirectory: writeRun(join(folder, 'none'), []), resume: false });
    expect((await none.until('failed')).message).toMatch(/no picture to train on/);
    const lost = startJob(compute, { kind: 'train', runDirectory: join(folder, 'nowhere'), resume: true });
    expect((await lost.until('failed')).message).toMatch(/snapshot of this run cannot be read/);
  });
});

describe('the other jobs of the compute process', () => {
  it('predicts on files and on bytes, in order, and says why a picture cannot be read', async () => {
    const run = join(folder, 'learns');
    expect(existsSync(run)).toBe(true);
    const bytes = new Uint8Array(readFileSync(images[0].path));
    const job = startJob(compute, {
      kind: 'predict',
      detector: { runDirectory: run },
      scoreThreshold: 0.05,
      images: [
        { name: 'a file', path: images[0].path },
        { name: 'no file', path: join(folder, 'gone.png') },
        { name: 'bytes', bytes },
      ],
    });
    expect((await job.until('done')).result).toEqual({ kind: 'predict', classNames: ['red', 'blue'], step: 60 });
    const predictions = job.messages.flatMap((m) => (m.kind === 'prediction' ? [m.prediction] : []));
    expect(predictions.map(({ name, problem }) => [name, problem])).toEqual([
      ['a file', null],
      ['no file', 'the file does not exist'],
      ['bytes', null],
    ]);
    const [file, , sent] = predictions;
    expect([file.width, file.height]).toEqual([160, 120]);
    expect(file.detections.length).toBeGreaterThan(0);
    for (const { box, score } of file.detections) {
      expect(score).toBeGreaterThan(0.05);
      expect(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= 160 && box.y2 <= 120).toBe(true);
    }
    expect(sent.detections).toEqual(file.detections);
  });

  it('will not predict with a run that has no checkpoint', async () => {
    const run = writeRun(join(folder, 'untrained'), images);
    const job = startJob(compute, {
      kind: 'predict',
      detector: { runDirectory: run },
      scoreThreshold: 0.1,
      images: [],
    });
    expect((await job.until('failed')).message).toMatch(/no checkpoint/);
  });

  it('lists the engines of this machine', async () => {
    const job = startJob(compute, { kind: 'engines' });
    const { result } = await job.until('done');
    const engines = result.kind === 'engines' ? result.engines : [];
    expect(engines.map(({ id }) => id)).toEqual(['cuda', 'webgpu', 'tensorflow', 'wasm']);
    expect(engines.find(({ id }) => id === 'wasm')?.ready).toBe(true);
    expect(engines.filter(({ chosen }) => chosen)).toHaveLength(1);
  });
});
