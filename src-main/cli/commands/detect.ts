/** detect: a run or an exported model on pictures; boxes as JSON, and pictures with the boxes drawn. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { classLineColour } from '@core/dataset/palette';
import { StudioFailure } from '@core/contract/failure';
import type { DetectedImage } from '@core/contract/runs';
import { detectWithOnnx, openOnnxModel } from '../../exchange/onnx-detect';
import { drawBoxes } from '../../images/draw-boxes';
import { runComputeJob } from '../../services/compute-jobs';
import { createLauncher } from '../session';
import { UsageError, type Output } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { realNumber } from './project';

interface Detected {
  readonly classNames: readonly string[];
  readonly images: readonly (DetectedImage & { readonly path: string })[];
}

export function addDetectCommand(program: Command, run: RunCommand): void {
  program
    .command('detect <model> <images...>')
    .description('<model>: the folder of a run (PROJECT/runs/N), or a .onnx or .safetensors file written here')
    .option('--score <f>', 'smallest score that is reported', realNumber('--score'), 0.3)
    .option('--out <dir>', 'write the pictures with their boxes drawn')
    .action(
      run(async ({ studio, output, interrupted }, [model, ...images], options) => {
        const all =
          extname(model) === '.onnx'
            ? await detectOnnx(resolve(model), images, output)
            : extname(model) === '.safetensors'
              ? await detectModel(resolve(model), images, output, interrupted)
              : await detectRun(studio, resolve(model), images);
        const found = { ...all, images: all.images.map((image) => keepAbove(image, options.score)) };
        if (options.out) await writePictures(found, resolve(options.out));
        const value = found.images.map(({ detections, ...image }) => ({
          ...image,
          detections: detections.map((d) => ({ ...d, className: found.classNames[d.classIndex] })),
        }));
        output.result(value, () => value.map(describe).join('\n'));
        const failed = value.filter((image) => image.problem !== null);
        if (failed.length > 0)
          throw new StudioFailure('unreadable', `${failed.length} of ${value.length} pictures could not be read.`);
      }),
    );
}

const keepAbove = <T extends DetectedImage>(image: T, score: number): T => ({
  ...image,
  detections: image.detections.filter((d) => d.score >= score),
});

async function detectOnnx(model: string, images: readonly string[], output: Output): Promise<Detected> {
  const opened = await openOnnxModel(model);
  try {
    const found = [];
    for (const [i, path] of images.entries()) {
      found.push({ ...(await detectWithOnnx(opened, basename(path), path)), path });
      output.progress('Detecting', i + 1, images.length);
    }
    return { classNames: opened.classNames, images: found };
  } finally {
    await opened.detector.close();
  }
}

/** In a compute process of its own, as for a run. */
async function detectModel(
  modelFile: string,
  paths: readonly string[],
  output: Output,
  interrupted: AbortSignal,
): Promise<Detected> {
  const images: Detected['images'][number][] = [];
  const { classNames } = await runComputeJob(
    createLauncher(),
    {
      kind: 'predict',
      detector: { modelFile },
      images: paths.map((path, i) => ({ name: String(i), path: resolve(path) })),
      scoreThreshold: SMALLEST_SCORE,
    },
    interrupted,
    (message) => {
      if (message.kind === 'prediction') {
        const path = paths[Number(message.prediction.name)];
        images.push({ ...message.prediction, name: basename(path), path });
      } else if (message.kind === 'progress') output.progress(message.label, message.done, message.total);
    },
  );
  return { classNames, images };
}

/** Through the same use case as the window's Detect screen: the bytes are handed over, not the paths. */
async function detectRun(studio: StudioSession, directory: string, paths: readonly string[]): Promise<Detected> {
  const { project, runId } = runOfFolder(directory);
  await studio.call('projects.open', { directory: project });
  const { classNames } = await studio.call('runs.get', { runId });
  const images: Detected['images'][number][] = [];
  // In portions, so that a folder of photographs is never in memory whole.
  for (let at = 0; at < paths.length; at += PORTION) {
    const portion = paths.slice(at, at + PORTION);
    const bytes = await Promise.all(portion.map(readPicture));
    const given = portion.map((path, i) => ({ name: basename(path), bytes: bytes[i] }));
    const detected = await studio.call('detect.run', { runId, images: given, operationId: `command-line-${at}` });
    images.push(...detected.map((image, i) => ({ ...image, path: portion[i] })));
  }
  return { classNames, images };
}

/** @throws UsageError when it is no folder of a run */
export function runOfFolder(directory: string): { readonly project: string; readonly runId: number } {
  const runId = Number(basename(directory));
  if (basename(dirname(directory)) !== 'runs' || !Number.isInteger(runId)) {
    throw new UsageError(`${directory}: neither a model file nor the folder of a run (PROJECT/runs/N)`);
  }
  return { project: dirname(dirname(directory)), runId };
}

const PORTION = 64;
/** Less is noise; what is shown is cut by --score. */
const SMALLEST_SCORE = 0.01;

export async function readPicture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    if ((await stat(path)).size > 100_000_000) throw new Error('larger than 100 MB');
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new StudioFailure('unreadable', `${path}: ${(error as Error).message}`);
  }
}

async function writePictures({ classNames, images }: Detected, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const image of images) {
    if (image.problem !== null) continue;
    const boxes = image.detections.map((d) => ({
      box: d.box,
      label: `${classNames[d.classIndex]} ${d.score.toFixed(2)}`,
      color: classLineColour(d.classIndex),
    }));
    const name = `${basename(image.path, extname(image.path))}.detected.jpg`;
    await writeFile(join(directory, name), await drawBoxes(image.path, boxes));
  }
}

function describe(image: {
  path: string;
  problem: string | null;
  milliseconds: number;
  detections: readonly { className: string; score: number; box: DetectedImage['detections'][number]['box'] }[];
}): string {
  if (image.problem !== null) return `${image.path}: ${image.problem}`;
  const lines = image.detections.map(
    ({ className, score, box }) =>
      `  ${className} ${score.toFixed(3)}  ${[box.x1, box.y1, box.x2, box.y2].map((v) => v.toFixed(1)).join(' ')}`,
  );
  return [`${image.path}: ${lines.length} found in ${image.milliseconds.toFixed(0)} ms`, ...lines].join('\n');
}
