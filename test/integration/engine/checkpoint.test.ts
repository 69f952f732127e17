import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkpointOf,
  readNewestCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../src-main/engine/checkpoint';
import { appendMetrics, truncateMetrics } from '../../../src-main/engine/metrics-log';
import { decodeTensorFile } from '../../../src-main/engine/safetensors-file';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'ssd-run-'));
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

const checkpointAt = (step: number): Checkpoint => ({
  ...checkpointOf([]),
  step,
  seconds: step * 0.25,
  weights: [
    { name: 'conv.weight', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, step) },
    { name: 'bias', shape: [1], values: Float32Array.of(-0.1) },
  ],
  optimiser: [{ name: 'conv.weight', shape: [2, 3], values: new Float32Array(6).fill(0.5) }],
});
const files = () => readdirSync(join(run, 'checkpoints')).sort();

describe('checkpoints', () => {
  it('come back exactly as they were written', async () => {
    await writeCheckpoint(run, checkpointAt(10));
    expect(await readNewestCheckpoint(run)).toEqual(checkpointAt(10));
  });

  it('are safetensors files that any reader opens', async () => {
    const path = await writeCheckpoint(run, checkpointAt(10));
    const bytes = readFileSync(path);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString()) as object;
    expect(header).toMatchObject({
      'weights/conv.weight': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      'weights/bias': { dtype: 'F32', shape: [1], data_offsets: [24, 28] },
    });
  });

  it('keeps the two newest and nothing half-written', async () => {
    for (const step of [9, 10, 100]) await writeCheckpoint(run, checkpointAt(step));
    writeFileSync(join(run, 'checkpoints/step-00000200.safetensors.part'), 'cut');
    expect((await readNewestCheckpoint(run))?.step).toBe(100);
    await writeCheckpoint(run, checkpointAt(300));
    expect(files()).toEqual(['step-00000100.safetensors', 'step-00000300.safetensors']);
  });

  it('falls back to the one before when the newest is cut or changed, and says so', async () => {
    await writeCheckpoint(run, checkpointAt(10));
    const newest = await writeCheckpoint(run, checkpointAt(20));
    const bytes = readFileSync(newest);
    bytes[bytes.length - 3] ^= 1;
    writeFileSync(newest, bytes);
    const told: string[] = [];
    expect((await readNewestCheckpoint(run, (message) => told.push(message)))?.step).toBe(10);
    expect(told.join()).toMatch(/step-00000020.*checksum/);
    truncateSync(newest, 40);
    expect((await readNewestCheckpoint(run))?.step).toBe(10);
  });

  it('is null without any, and an error when none is whole', async () => {
    expect(await readNewestCheckpoint(run)).toBeNull();
    const path = await writeCheckpoint(run, checkpointAt(10));
    truncateSync(path, 5);
    await expect(readNewestCheckpoint(run)).rejects.toThrow(/No checkpoint .* is whole/);
  });

  it('does not believe a header that points outside the file', () => {
    const header = JSON.stringify({ a: { dtype: 'F32', shape: [1000], data_offsets: [0, 4000] } });
    const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(header), Buffer.alloc(8)]);
    bytes.writeBigUInt64LE(BigInt(header.length));
    expect(() => decodeTensorFile(bytes)).toThrow(/outside the file/);
    bytes.writeBigUInt64LE(2n ** 60n);
    expect(() => decodeTensorFile(bytes)).toThrow(/header/);
  });
});

describe('the metrics of a run', () => {
  const record = (step: number) => ({
    step,
    seconds: step,
    confidenceLoss: 1,
    localisationLoss: 1,
    learningRate: 0.01,
    imagesPerSecond: 10,
    positivesPerSource: [1, 2],
  });
  const read = () => readFileSync(join(run, 'metrics.jsonl'), 'utf8');

  it('are cut back to the checkpoint that the run goes on from, with a line broken by a crash', async () => {
    appendMetrics(run, [record(10), record(20)]);
    appendMetrics(run, [record(30)]);
    writeFileSync(join(run, 'metrics.jsonl'), read() + '{"step": 3');
    await truncateMetrics(run, 20);
    expect(read()).toBe(`${JSON.stringify(record(10))}\n${JSON.stringify(record(20))}\n`);
    await truncateMetrics(run, 0);
    expect(readdirSync(run)).toEqual([]);
  });
});
