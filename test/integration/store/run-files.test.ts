import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MetricRecord } from '@core/experiment/run';
import type { RunSnapshot } from '../../../src-main/services/ports';
import { runFiles } from '../../../src-main/store/run-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-studio-run-'));
});

const metric = (step: number, confidenceLoss = 1): MetricRecord => ({
  step,
  seconds: step,
  confidenceLoss,
  localisationLoss: 1,
  learningRate: 0.01,
  imagesPerSecond: 5,
  positivesPerSource: [1, 2],
});
const write = (...records: object[]): void =>
  appendFileSync(join(folder, 'metrics.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));

describe('the metrics of a run', () => {
  it('are none before the first', async () => {
    expect(await runFiles.readMetrics(folder, -1)).toEqual({ metrics: [], validations: [] });
  });

  it('come in order, losses and validations apart, after the step asked for', async () => {
    const validation = { step: 20, meanAveragePrecision: 0.5, averagePrecision: [] };
    write(metric(10), metric(20), validation, metric(30));
    expect(await runFiles.readMetrics(folder, -1)).toEqual({
      metrics: [metric(10), metric(20), metric(30)],
      validations: [validation],
    });
    expect((await runFiles.readMetrics(folder, 20)).metrics).toEqual([metric(30)]);
    expect((await runFiles.readMetrics(folder, 20)).validations).toEqual([]);
  });

  it('show steps trained again after a crash once, as they went the last time', async () => {
    write(metric(10, 9), metric(20, 8), metric(30, 7), metric(20, 5), metric(30, 4), metric(40, 3));
    const { metrics } = await runFiles.readMetrics(folder, -1);
    expect(metrics.map(({ step, confidenceLoss }) => [step, confidenceLoss])).toEqual([
      [10, 9],
      [20, 5],
      [30, 4],
      [40, 3],
    ]);
  });

  it('leave out a line that a crash cut short, and anything else that is not a record', async () => {
    write(metric(10));
    appendFileSync(join(folder, 'metrics.jsonl'), 'null\n[]\n"x"\n{"step":"20"}\n{"step":20,"sec');
    expect((await runFiles.readMetrics(folder, -1)).metrics).toEqual([metric(10)]);
  });

  it('are thinned when there are more than a plot can show, first and last kept', async () => {
    write(...Array.from({ length: 10_000 }, (_, k) => metric(k + 1)));
    const { metrics } = await runFiles.readMetrics(folder, -1);
    expect(metrics).toHaveLength(4_000);
    expect([metrics[0].step, metrics.at(-1)!.step]).toEqual([1, 10_000]);
  });
});

describe('the folder of a run', () => {
  it('gets its snapshot whole, over an older one too, with nothing left beside', async () => {
    const directory = join(folder, 'runs', '1');
    const snapshot = { version: 1, classNames: ['cell'] } as unknown as RunSnapshot;
    await runFiles.writeSnapshot(directory, { ...snapshot, classNames: [] });
    await runFiles.writeSnapshot(directory, snapshot);
    expect(JSON.parse(readFileSync(join(directory, 'snapshot.json'), 'utf8'))).toEqual(snapshot);
    expect(readdirSync(directory)).toEqual(['snapshot.json']);
  });

  it('is removed with all it holds, and once more without complaint', async () => {
    writeFileSync(join(folder, 'metrics.jsonl'), '');
    await runFiles.remove(folder);
    expect(existsSync(folder)).toBe(false);
    await runFiles.remove(folder);
  });
});
