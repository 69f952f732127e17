/** weights import, weights inspect: what is in a weight file of another project, and a ready detector made of it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { StudioFailure } from '@core/contract/failure';
import type { WeightsReport, WeightsSource } from '@core/contract/weights';
import type { ArchitectureId } from '@core/network/description';
import { ARCHITECTURES } from '@core/network/zoo';
import { LAYOUTS, type LayoutId } from '@core/weights/layouts';
import { UsageError } from '../output';
import type { RunCommand } from '../run-command';
import { describeWeights } from '../weights-report';
import { modelNames } from './priors';
import { list } from './project';

const OPERATION = 'command-line';

export interface SourceOptions {
  readonly model?: string;
  readonly layout?: string;
  readonly channelOrder?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly clip?: string;
  readonly background?: string;
  readonly boxes?: string;
  readonly boxOrder?: string;
  readonly decimate?: true;
}

interface ImportOptions extends SourceOptions {
  readonly classes?: string[];
  readonly classesFile?: string;
  readonly project?: string;
  readonly name?: string;
  readonly out?: string;
}

export function addWeightsCommands(program: Command, run: RunCommand): void {
  const weights = program.command('weights').description('weight files of other projects');

  detectorOptions(weights.command('inspect <file>'))
    .description('what of a weight file fits which network; nothing is written')
    .action(
      run(async ({ studio, output }, [file], options: ImportOptions) => {
        const report = await studio.call('weights.inspect', { source: await detectorSource(file, options) });
        output.result(report, () => describeWeights(report));
        requireMatches(report);
      }),
    );

  detectorOptions(weights.command('import <file>'))
    .description('as inspect; with --project or --out the file becomes a ready detector')
    .option('--project <dir>', 'a run of this project')
    .option('--name <name>', 'of the run; default: the name of the file')
    .option('--out <path>', 'a model file (.safetensors) that `detect` takes')
    .action(
      run(async ({ studio, output }, [file], options: ImportOptions) => {
        const source = await detectorSource(file, options);
        const { project, name, out } = options;
        if (name !== undefined && project === undefined) throw new UsageError('--name names a run: give --project too');
        let report: WeightsReport | null = null;
        const done: string[] = [];
        const value: Record<string, unknown> = {};
        if (project !== undefined) {
          await studio.call('projects.open', { directory: resolve(project) });
          const request = { source, ...(name === undefined ? {} : { name }), operationId: OPERATION };
          const imported = await studio.call('weights.import', request);
          ({ report } = imported);
          value.run = imported.run;
          done.push(`Run ${imported.run.id}: ${imported.run.name}`);
        }
        if (out !== undefined) {
          const written = await studio.call('weights.convert', { source, out: resolve(out), operationId: OPERATION });
          ({ report } = written);
          value.model = { path: written.path, bytes: written.bytes };
          done.push(`Wrote ${written.path} (${(written.bytes / 1e6).toFixed(2)} MB)`);
        }
        const final = report ?? (await studio.call('weights.inspect', { source }));
        output.result({ ...final, ...value }, () => [describeWeights(final), ...done].join('\n'));
        requireMatches(final);
      }),
    );
}

function detectorOptions(command: Command): Command {
  return pixelOptions(command)
    .option('--model <m>', `${modelNames()}; default: the one that fits best`)
    .option('--classes <a,b>', "names of the file's classes in its order, without background", list)
    .option('--classes-file <path>', 'the same, one name per line')
    .option('--clip <c>', 'of the default boxes: none | all | size')
    .option('--background <b>', 'place of the background among the classes: first | last')
    .option('--boxes <b>', 'sizes of the default boxes: voc | coco')
    .option('--box-order <o>', 'caffe | extra-last: the extra box after the ratios, as TensorFlow and Paddle have it');
}

/** What `train --weights` takes too. */
export function pixelOptions(command: Command): Command {
  return command
    .option('--layout <l>', `whose names the tensors have: ${LAYOUTS.map(({ id }) => id).join(' | ')}`)
    .option('--channel-order <o>', 'what the weights were trained on: rgb | bgr')
    .option('--mean <a,b,c>', 'subtracted from pixels of 0 to 255, in that order')
    .option('--std <a,b,c>', 'then divided by')
    .option('--decimate', "make fc6 and fc7 from a VGG-16's fully connected layers");
}

async function detectorSource(file: string, options: ImportOptions): Promise<WeightsSource> {
  const { model, classes, classesFile } = options;
  if (classes !== undefined && classesFile !== undefined)
    throw new UsageError('--classes and --classes-file: give one');
  const architecture = ARCHITECTURES.find(({ id }) => id === model)?.id;
  if (model !== undefined && architecture === undefined) {
    throw new UsageError(`--model ${model}: known are ${modelNames()}`);
  }
  const classNames = classes ?? (classesFile === undefined ? undefined : await readNames(classesFile));
  if (classNames?.length === 0) throw new UsageError('--classes: at least one name is needed');
  return weightsSource(file, options, architecture, classNames);
}

/** Wrong words are wrong usage; wrong files are found out by the studio. */
export function weightsSource(
  file: string,
  options: SourceOptions,
  architecture?: ArchitectureId,
  classNames?: string[],
): WeightsSource {
  const { layout, channelOrder, mean, std, clip, background, boxes, boxOrder, decimate } = options;
  const layouts = LAYOUTS.map(({ id }) => id);
  return {
    path: resolve(file),
    architecture,
    layout: oneOf<LayoutId>('--layout', layout, layouts),
    classNames,
    conventions: {
      channelOrder: oneOf('--channel-order', channelOrder, ['rgb', 'bgr']),
      mean: threeNumbers('--mean', mean),
      std: threeNumbers('--std', std),
      clip: oneOf('--clip', clip, ['none', 'all', 'size']),
      background: oneOf('--background', background, ['first', 'last']),
      boxes: oneOf('--boxes', boxes, ['voc', 'coco']),
      boxOrder: oneOf('--box-order', boxOrder, ['caffe', 'extra-last']),
    },
    decimate,
  };
}

async function readNames(path: string): Promise<string[]> {
  try {
    const text = await readFile(resolve(path), 'utf8');
    return text.split(/\r?\n/).flatMap((line) => line.trim() || []);
  } catch (error) {
    throw new StudioFailure('unreadable', `--classes-file ${path}: ${(error as Error).message}`);
  }
}

function oneOf<T extends string>(option: string, text: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((word) => word === text);
  if (text !== undefined && found === undefined) {
    throw new UsageError(`${option} ${text}: known are ${known.join(', ')}`);
  }
  return found;
}

function threeNumbers(option: string, text: string | undefined): [number, number, number] | undefined {
  if (text === undefined) return undefined;
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw new UsageError(`${option} ${text}: three numbers with commas between are needed`);
  }
  return numbers as [number, number, number];
}

function requireMatches({ fileName, matched, problems }: WeightsReport): void {
  if (matched.length > 0) return;
  throw new StudioFailure('unreadable', `${fileName}: nothing fits. ${problems[0] ?? ''}`.trim());
}
