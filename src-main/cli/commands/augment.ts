/** augment: the very pictures and boxes of a training step, written as files to look at. */
import { mkdir, writeFile } from 'node:fs/promises';
import { extname, basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describePlan, DROP_REASONS } from '@core/augment/describe';
import type { PreviewedPicture, TrainingPreview } from '@core/contract/preview';
import { classLineColour } from '@core/dataset/palette';
import { AUGMENT_HELP } from '@core/experiment/augmentation-text';
import { toImagePx } from '@core/geometry/convert';
import { drawBoxesOn } from '../../images/draw-boxes';
import { augmentOption } from '../augment-option';
import { table, UsageError } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { INPUT_HELP, modelNames, networkOption } from './priors';
import { realNumber, wholeNumber } from './project';

interface AugmentOptions {
  readonly model?: string;
  readonly run?: number;
  readonly width?: number;
  readonly input?: string;
  readonly augment?: string;
  readonly batch?: number;
  readonly seed?: number;
  readonly step: number;
  readonly count: number;
  readonly out?: string;
}

export function addAugmentCommand(program: Command, run: RunCommand): void {
  program
    .command('augment <dir>')
    .description('the very pictures and boxes that a training step sees, and which boxes were dropped and why')
    .option('--model <m>', `of a training that may begin: ${modelNames()}`)
    .option('--run <r>', 'of this run, as it was', wholeNumber('--run'))
    .option('--width <f>', 'width multiplier of the VGG family', realNumber('--width'))
    .option('--input <wxh>', INPUT_HELP)
    .option('--augment <a>', AUGMENT_HELP)
    .option('--batch <n>', 'pictures per step', wholeNumber('--batch'))
    .option('--seed <n>', 'of order and augmentation', wholeNumber('--seed'))
    .option('--step <n>', 'the training step, from 0', wholeNumber('--step'), 0)
    .option('--count <n>', 'pictures of its batch, 64 at most', wholeNumber('--count'), 16)
    .option('--out <dir>', 'write them there with their boxes drawn; boxes that were dropped are dashed')
    .action(
      run(async ({ studio, output }, [dir], options: AugmentOptions) => {
        await studio.call('projects.open', { directory: resolve(dir) });
        const { step, count } = options;
        const preview = await studio.call('training.preview', {
          ...(await shownTraining(studio, options)),
          step,
          count,
        });
        const files = options.out === undefined ? [] : await writePictures(preview, resolve(options.out));
        for (const { message } of preview.unreadable) output.message(`Left out: ${message}`);
        const pictures = preview.pictures.map((picture, i) => report(picture, preview, files[i] ?? null));
        output.result({ ...preview, pictures }, () => summary(preview, files));
      }),
    );
}

async function shownTraining(studio: StudioSession, options: AugmentOptions) {
  const { model, run: runId, width, input, augment, batch, seed } = options;
  if ((model === undefined) === (runId === undefined)) throw new UsageError('augment needs --model or --run');
  if (runId !== undefined) {
    const given = [width, input, augment, batch, seed].some((value) => value !== undefined);
    if (given) throw new UsageError('--run shows a run as it was; the other settings go with --model');
    return { runId };
  }
  const suggested = await studio.call('training.suggest', { network: networkOption({ model: model!, width, input }) });
  return {
    configuration: {
      ...suggested,
      augment: augmentOption(augment, suggested.augment),
      batchSize: batch ?? suggested.batchSize,
      seed: seed ?? suggested.seed,
    },
  };
}

function report(picture: PreviewedPicture, { classNames }: TrainingPreview, file: string | null) {
  const { pixels: _, objects, boxes, dropped, ...rest } = picture;
  const className = (index: number) => classNames[objects[index].classIndex];
  return {
    ...rest,
    file,
    changes: describePlan(picture, picture),
    boxes: boxes.map(({ index, box }) => ({ object: index, className: className(index), box })),
    dropped: dropped.map(({ index, reason, seen }) => ({ object: index, className: className(index), reason, seen })),
  };
}

async function writePictures(
  { pictures, classNames, input, step }: TrainingPreview,
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const [slot, { pixels, objects, boxes, dropped, fileName }] of pictures.entries()) {
    const drawn = (index: number) => ({
      label: classNames[objects[index].classIndex],
      color: classLineColour(objects[index].classIndex),
    });
    const kept = boxes.map(({ index, box }) => ({ ...drawn(index), box: toImagePx(box, input) }));
    const lost = dropped.flatMap(({ index, seen }) =>
      seen === null ? [] : [{ ...drawn(index), label: '', box: toImagePx(seen, input), dashed: true }],
    );
    const name = `step${step}-${String(slot).padStart(2, '0')}-${basename(fileName, extname(fileName))}.jpg`;
    const path = join(folder, name);
    await writeFile(path, await drawBoxesOn({ data: Uint8Array.from(pixels), ...input }, [...lost, ...kept]));
    files.push(path);
  }
  return files;
}

function summary({ pictures, classNames, step, batchSize }: TrainingPreview, files: readonly string[]): string {
  const rows = pictures.map((picture, slot) => [
    slot,
    picture.fileName,
    picture.boxes.length,
    picture.positivesPerSource.reduce((sum, count) => sum + count, 0),
    picture.dropped.length,
    describePlan(picture, picture).join(', ') || 'as it is',
  ]);
  const lost = pictures.flatMap((picture, slot) =>
    picture.dropped.map(
      ({ index, reason }) =>
        `${slot}: dropped ${classNames[picture.objects[index].classIndex]} ${index}. ${DROP_REASONS[reason]}`,
    ),
  );
  return [
    `Step ${step}, ${pictures.length} of its ${batchSize} pictures`,
    table(['place', 'picture', 'boxes', 'positives', 'dropped', 'changes'], rows),
    ...lost,
    ...(files.length > 0 ? [`Written: ${files.length} pictures with their boxes, ${files[0]} and on`] : []),
  ].join('\n');
}
