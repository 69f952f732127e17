/** runs/<id>/previews.jsonl: what each validation found on a few fixed pictures, appended while a run trains. */
import { appendFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationImage } from '@core/evaluation/pictures';
import {
  choosePreviewPictures,
  readPreviewLine,
  writePreviewPictures,
  writePreviewRecord,
} from '@core/experiment/preview';
import { keepLines } from './log-lines';

const fileOf = (runDirectory: string): string => join(runDirectory, 'previews.jsonl');

/**
 * Adds the detections of a validation on the run's preview pictures.
 * @param evaluated every validation picture in the order of the snapshot, whose sizes are `sizes`
 */
export function appendPreview(
  runDirectory: string,
  step: number,
  evaluated: readonly EvaluationImage[],
  sizes: readonly { readonly width: number; readonly height: number }[],
): void {
  const pictures = choosePreviewPictures(
    evaluated.map((image, at) => ({ ...image, width: sizes[at].width, height: sizes[at].height })),
  );
  const path = fileOf(runDirectory);
  const record = writePreviewRecord({ step, detections: pictures.map(({ detections }) => detections) });
  const begun = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const lines = begun ? [record] : [writePreviewPictures(pictures), record];
  appendFileSync(path, lines.map((line) => line + '\n').join(''));
}

/** Leaves out validations after `step`, which a resumed run does again, and what is no line of ours. */
export async function truncatePreviews(runDirectory: string, step: number): Promise<void> {
  const path = fileOf(runDirectory);
  if (step === 0) return rm(path, { force: true });
  await keepLines(path, (line) => {
    const read = readPreviewLine(line);
    return read !== null && (!('step' in read) || read.step <= step);
  });
}
