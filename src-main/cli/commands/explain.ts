/** explain: where a detection comes from, or why an object was missed, with every number on the way. */
import { basename, extname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ExplainQuestion, ExplanationAnswer } from '@core/contract/explain';
import { buildNetwork } from '@core/network/zoo';
import { sourceMaps } from '@core/network/shapes';
import { boxPlace } from '@core/priors/box-place';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import type { DetectionExplanation } from '@core/priors/explanation';
import { runComputeJob } from '../../services/compute-jobs';
import { explain, openAnswers } from '../../services/explanation';
import { createChildLauncher } from '../../workers/child-launcher';
import { describeDetection, describeObject, listDetections, listHardNegatives } from '../describe-explanation';
import { UsageError } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { readPicture, runOfFolder } from './detect';
import { realNumber, wholeNumber } from './project';

type Answer = Omit<ExplanationAnswer, 'step'>;
type Ask = (question: ExplainQuestion) => Promise<Answer>;

export function addExplainCommand(program: Command, run: RunCommand): void {
  program
    .command('explain <model> <image>')
    .description('why the detections are there; <model>: the folder of a run (PROJECT/runs/N) or a .safetensors model')
    .option('--detection <k>', 'only this one, counted from 1 as they are listed', wholeNumber('--detection'))
    .option('--object <box>', 'why this object was missed: "x1,y1,x2,y2[,class]" in pixels')
    .option('--hard-negatives', "the negatives that the run's loss would count on this picture of its project")
    .option('--score <f>', 'what scores less is no detection', realNumber('--score'), 0.3)
    .option('--iou <f>', 'overlap from which an object counts as found', realNumber('--iou'), 0.5)
    .action(
      run(async ({ studio, interrupted, output }, [model, image], options) => {
        if (options.detection !== undefined && options.object !== undefined)
          throw new UsageError('--detection or --object: one of the two');
        for (const name of ['score', 'iou'] as const) {
          if (options[name] < 0 || options[name] > 1)
            throw new UsageError(`--${name} ${options[name]}: 0 to 1 is needed`);
        }
        if (options.hardNegatives) {
          const answer = await askHardNegatives(studio, resolve(model), basename(image));
          output.result(answer, () => listHardNegatives(answer));
          return;
        }
        const ask =
          extname(model) === '.safetensors'
            ? await askModel(resolve(model), resolve(image), interrupted)
            : await askRun(studio, resolve(model), resolve(image));
        const found = await ask({ kind: 'detections', scoreThreshold: options.score });
        if (options.object !== undefined) {
          const object = parseObject(options.object, found.classNames);
          const asked = { scoreThreshold: options.score, iouThreshold: options.iou };
          const { explanations, classNames } = await ask({ kind: 'object', ...object, ...asked });
          const [explained] = explanations;
          if (explained.kind !== 'object') throw new TypeError('an object was asked for');
          output.result({ classNames, ...explained }, () => describeObject(explained, classNames));
          return;
        }
        const { classNames } = found;
        const detections = found.explanations.filter((each): each is DetectionExplanation => each.kind === 'detection');
        if (options.detection === undefined) {
          output.result({ classNames, detections }, () => listDetections(detections, classNames));
          return;
        }
        const one = detections[options.detection - 1];
        if (!one) {
          throw new UsageError(
            `--detection ${options.detection}: there are ${detections.length} with a score of at least ${options.score}`,
          );
        }
        output.result({ classNames, ...one }, () => describeDetection(one, classNames));
      }),
    );
}

async function askRun(studio: StudioSession, directory: string, path: string): Promise<Ask> {
  const { project, runId } = runOfFolder(directory);
  const image = { name: basename(path), bytes: await readPicture(path) };
  await studio.call('projects.open', { directory: project });
  return (question) => studio.call('detect.explain', { runId, image, question, operationId: 'command-line' });
}

/** @param fileName of a picture of the run's project: its objects say what is no negative */
async function askHardNegatives(studio: StudioSession, directory: string, fileName: string) {
  const { project, runId } = runOfFolder(directory);
  await studio.call('projects.open', { directory: project });
  const { images } = await studio.call('images.list', { filter: { text: fileName }, offset: 0, limit: 500 });
  const image = images.find((each) => each.fileName === fileName);
  if (!image) {
    throw new UsageError(`--hard-negatives: ${project} has no picture ${fileName}, whose objects would be needed`);
  }
  const { defaultBoxes, network } = (await studio.call('runs.get', { runId })).configuration;
  const asked = { runId, imageId: image.id, operationId: 'command-line' };
  const answer = await studio.call('evaluation.hardNegatives', asked);
  const maps = sourceMaps(buildNetwork(network, 2, defaultBoxes.sources.map(boxesPerCell)));
  const boxes = generateDefaultBoxes(defaultBoxes, network.input, maps);
  const negatives = answer.negatives.map((each) => ({ ...each, ...boxPlace(each.prior, boxes, defaultBoxes) }));
  return { ...answer, negatives };
}

async function askModel(modelFile: string, path: string, interrupted: AbortSignal): Promise<Ask> {
  const job = { kind: 'answers', detector: { modelFile }, image: { name: basename(path), path } } as const;
  const opened = openAnswers((await runComputeJob(createChildLauncher(), job, interrupted)).answered);
  const { classNames } = opened;
  return async (question) => ({ classNames, explanations: explain(opened, question, USUAL_MATCHING) });
}

/** A model file does not say how it was trained: the papers' matching. */
const USUAL_MATCHING = { matchingThreshold: 0.5, matchingRule: 'bipartite' } as const;

function parseObject(text: string, classNames: readonly string[]) {
  const [x1, y1, x2, y2, ...rest] = text.split(',');
  const [left, top, right, bottom] = [x1, y1, x2, y2].map((part) => (part?.trim() ? Number(part) : NaN));
  if (!(right > left && bottom > top)) {
    throw new UsageError(`--object ${text}: x1,y1,x2,y2 in pixels are needed, x2 and y2 the larger ones`);
  }
  const box = { x1: left, y1: top, x2: right, y2: bottom };
  const name = rest.join(',').trim();
  if (name === '') return { box, classIndex: null };
  const classIndex = classNames.findIndex((each) => each.toLowerCase() === name.toLowerCase());
  if (classIndex < 0) {
    const known = classNames.slice(0, 10).join(', ');
    throw new UsageError(`--object: the detector has no class ${name}; it knows ${known}`);
  }
  return { box, classIndex };
}
