/** Weight files of others as weights of ours: opened, planned, read, and written where a run or a model file keeps them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { WeightsReport, WeightsSource } from '@core/contract/weights';
import type { StartWeights } from '@core/experiment/run';
import { parameters } from '@core/network/parameters';
import { architecture, buildNetwork } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { planDetector, planStart, type ChosenPlan } from '@core/weights/choose-plan';
import { layout } from '@core/weights/layouts';
import { summariseImport } from '@core/weights/plan-summary';
import { transformValues } from '@core/weights/transforms';
import { checkpointOf, writeCheckpoint } from '../engine/checkpoint';
import type { NamedTensor } from '../engine/executor-parameters';
import { encodeStartWeights, startWeightsPath } from '../engine/start-weights';
import type { ComputeResult, WeightsTarget } from '../services/ports';
import { writeModelFile } from './model-file';
import { openWeightFile, type WeightFile } from './weight-file';
import { writeWhole } from './write-whole';

type Imported = Omit<Extract<ComputeResult, { kind: 'import-weights' }>, 'kind'>;

/**
 * Plans the import of a file and, unless the target is a report, writes the weights. Memory holds one network beside the one
 * tensor that is read.
 * @throws StudioFailure 'unreadable': a file that is none, fits nothing, lacks what a ready detector needs, or holds NaN
 */
export async function importWeights(
  source: WeightsSource,
  target: WeightsTarget,
  progress: (label: string, done: number, total: number) => void,
): Promise<Imported> {
  const file = await openWeightFile(source.path);
  try {
    const plan = planFor(file, source, target);
    const report = await reportOf(file, plan, source.path);
    if (target.kind === 'report') return { report, startWeights: null, bytes: 0 };
    requireUsable(report, target);
    const weights = await readWeights(file, plan, source.path, progress);
    const startWeights: StartWeights = {
      fileName: report.fileName,
      sha256: await checksum(source.path),
      layout: report.layout.id,
      matched: report.matched.length,
      total: report.total,
    };
    return { report, startWeights, bytes: await write(target, plan, report, weights) };
  } finally {
    await file.close();
  }
}

function planFor(file: WeightFile, source: WeightsSource, target: WeightsTarget): ChosenPlan {
  try {
    const start = target.kind === 'start' || target.kind === 'report' ? target.start : null;
    return start === null ? planDetector(file, source) : planStart(file, source, start);
  } catch (error) {
    if (error instanceof StudioFailure) throw error;
    throw new StudioFailure(
      'unreadable',
      `${source.path} cannot be brought in: ${error instanceof Error ? error.message : String(error)}.`,
      'Choose another network or layout, or save the file again.',
      { cause: error },
    );
  }
}

async function reportOf(file: WeightFile, plan: ChosenPlan, path: string): Promise<WeightsReport> {
  const { matched, left, wrongShape, missing, fileClasses, transfer, prefix, problems } = plan;
  const complete = problems.length === 0 && wrongShape.length + missing.length === 0;
  return {
    fileName: basename(path),
    bytes: (await stat(path)).size,
    format: file.format,
    layout: { id: plan.layout, name: layout(plan.layout).name },
    network: plan.network,
    fits: plan.fits,
    summary: summariseImport(plan),
    total: matched.length + wrongShape.length + missing.length,
    matched,
    left,
    wrongShape,
    missing,
    fileClasses,
    transfer,
    prefix,
    problems,
    complete,
    classNames: plan.classNames,
    classNamesKnown: plan.classNamesKnown,
    conventions: plan.conventions,
  };
}

function requireUsable(report: WeightsReport, target: WeightsTarget): void {
  const { fileName, matched, wrongShape, missing, problems, complete, network } = report;
  const { name } = architecture(network.architecture);
  if (matched.length === 0) {
    const reason = problems[0] ?? `No tensor of the file fits ${name}.`;
    throw new StudioFailure('unreadable', `${fileName} cannot be used: ${reason}`, 'Choose another file or network.');
  }
  if (target.kind === 'start' || complete) return;
  if (problems.length > 0) {
    throw new StudioFailure('unreadable', `${fileName} cannot be used as it stands. ${problems.join(' ')}`);
  }
  const lacking = [
    ...missing.map(({ parameter }) => parameter),
    ...wrongShape.map(
      ({ parameter, expected, found }) => `${parameter} (needs [${expected.join(', ')}], has [${found.join(', ')}])`,
    ),
  ];
  const shown = lacking.slice(0, 4).join(', ') + (lacking.length > 4 ? ` and ${lacking.length - 4} more` : '');
  throw new StudioFailure(
    'unreadable',
    `${fileName} is no whole ${name}: ${lacking.length} of ${report.total} parameters are missing or of another shape: ${shown}.`,
    'A training can start from it and learn the rest; as a ready detector choose the network it was made for.',
  );
}

/** In the order of the network's parameters; only those that the plan matched. */
async function readWeights(
  file: WeightFile,
  plan: ChosenPlan,
  path: string,
  progress: (label: string, done: number, total: number) => void,
): Promise<NamedTensor[]> {
  const network = buildNetwork(plan.network, plan.classes, plan.conventions.defaultBoxes.sources.map(boxesPerCell));
  const shapes = new Map(parameters(network).map(({ name, shape }) => [name, shape]));
  const weights: NamedTensor[] = [];
  for (const { parameter, tensor, transform } of plan.matched) {
    progress('Reading weights', weights.length, plan.matched.length);
    const shape = shapes.get(parameter)!;
    const values = transformValues(transform, await file.read(tensor), shape, plan.classes);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const advice = transform.startsWith('decimate') ? EMPTY_CLASSIFIER : DIVERGED;
      throw notFinite(path, tensor, values[wrong], wrong, advice);
    }
    weights.push({ name: parameter, shape, values });
  }
  progress('Reading weights', weights.length, plan.matched.length);
  return weights;
}

const DIVERGED = 'Its training diverged, or the file is damaged: take an earlier checkpoint of it.';
/** As in torchvision's VGG-16 for detectors (SPEC.md 13.1). */
const EMPTY_CLASSIFIER = 'The fully connected layers of this VGG-16 are not filled: leave out --decimate.';

function notFinite(path: string, tensor: string, value: number, at: number, advice: string): StudioFailure {
  return new StudioFailure(
    'unreadable',
    `${path} cannot be used: its tensor ${tensor} holds ${value} at position ${at}, which is no finite number.`,
    advice,
  );
}

async function checksum(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Returns the bytes of a model file, 0 for what lies inside a project. */
async function write(
  target: Exclude<WeightsTarget, { kind: 'report' }>,
  plan: ChosenPlan,
  report: WeightsReport,
  weights: readonly NamedTensor[],
): Promise<number> {
  switch (target.kind) {
    case 'start':
      await writeWhole(startWeightsPath(target.runDirectory), encodeStartWeights(weights));
      return 0;
    case 'checkpoint':
      await writeCheckpoint(target.runDirectory, checkpointOf(weights));
      return 0;
    case 'model': {
      const { defaultBoxes, detection } = plan.conventions;
      const source = { name: report.fileName, step: 0, layout: plan.layout };
      const { network, classNames } = plan;
      return writeModelFile(target.path, { network, defaultBoxes, classNames, detection, source, weights });
    }
  }
}
