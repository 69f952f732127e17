import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EvaluationImage } from '@core/evaluation/pictures';
import { appendPreview, truncatePreviews } from '../../../src-main/engine/preview-log';
import { runFiles } from '../../../src-main/store/run-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-studio-previews-'));
});

const box = { x1: 1, y1: 2, x2: 30, y2: 40 };
const evaluated = (score: number): EvaluationImage[] =>
  Array.from({ length: 20 }, (_, at) => ({
    imageId: 100 + at,
    groundTruths: [{ classIndex: at % 2, box, difficult: false }],
    detections: [{ classIndex: at % 2, score, box, prior: 3 }],
  }));
const sizes = Array.from({ length: 20 }, (_, at) => ({ width: 320 + at, height: 240 }));
const append = (step: number, score: number): void => appendPreview(folder, step, evaluated(score), sizes);
const steps = async () => (await runFiles.readPreviews(folder)).records.map(({ step }) => step);

describe('the previews of a run', () => {
  it('are none before the first validation, and for a run that was brought in', async () => {
    expect(await runFiles.readPreviews(folder)).toEqual({ pictures: [], records: [] });
  });

  it('keep to the same pictures, with the objects and size that the run knows of', async () => {
    append(10, 0.25);
    append(20, 0.75);
    const { pictures, records } = await runFiles.readPreviews(folder);
    expect(pictures).toHaveLength(8);
    for (const { imageId, width, groundTruths } of pictures) {
      expect(width).toBe(220 + imageId);
      expect(groundTruths).toEqual([{ classIndex: imageId % 2, box, difficult: false }]);
    }
    expect(records.map(({ step, detections }) => [step, detections[7][0].score])).toEqual([
      [10, 0.25],
      [20, 0.75],
    ]);
  });

  it('go back with a run that goes on from a checkpoint, and begin anew with one that starts again', async () => {
    for (const step of [10, 20, 30]) append(step, 0.5);
    await truncatePreviews(folder, 20);
    expect(await steps()).toEqual([10, 20]);
    append(30, 0.5);
    expect(await steps()).toEqual([10, 20, 30]);
    await truncatePreviews(folder, 0);
    expect(await steps()).toEqual([]);
  });

  it('outlive a line that a crash cut short, the first one too', async () => {
    append(10, 0.5);
    appendFileSync(join(folder, 'previews.jsonl'), '{"step":20,"detections":[[[0,0.5');
    await truncatePreviews(folder, 15);
    append(20, 0.5);
    expect(await steps()).toEqual([10, 20]);

    await truncatePreviews(folder, 0);
    appendFileSync(join(folder, 'previews.jsonl'), '{"pictures":[{"imageId":1');
    await truncatePreviews(folder, 15);
    append(20, 0.5);
    expect(await steps()).toEqual([20]);
  });

  it('show a step that was validated again once, as it went the last time', async () => {
    append(10, 0.1);
    append(20, 0.2);
    append(20, 0.9);
    const { records } = await runFiles.readPreviews(folder);
    expect(records.map(({ step, detections }) => [step, detections[0][0].score])).toEqual([
      [10, 0.1],
      [20, 0.9],
    ]);
  });
});
