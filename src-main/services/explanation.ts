/** Why a detector found what it found, and missed what it missed: its answers for a picture, asked once and looked at often. */
import { createHash } from 'node:crypto';
import type { ExplanationAnswer, ExplainQuestion, HardNegativesAnswer } from '@core/contract/explain';
import { StudioFailure } from '@core/contract/failure';
import type { RunSummary } from '@core/experiment/run';
import type { Explanation } from '@core/priors/explanation';
import { Provenance, type ExplainedObject } from '@core/priors/provenance';
import { runComputeJob } from './compute-jobs';
import { SCORE_THRESHOLD } from './detection';
import type { HandlersOf } from './handlers';
import { requireImage } from './images';
import type { OperationContext } from './operations';
import type { AnsweredPicture, ComputeLauncher, PredictInput, StoredImage } from './ports';
import { detectorClasses } from './run-classes';
import { requireTrainedRun } from './runs';
import type { ProjectSession } from './session';

/** Pictures whose answers are kept: some 25 MB each for the largest network with 80 classes. */
const KEPT_PICTURES = 4;

export interface OpenedPicture {
  readonly classNames: readonly string[];
  readonly provenance: Provenance;
}

export function openAnswers({ classNames, detector, answers }: AnsweredPicture): OpenedPicture {
  const detection = { ...detector.detection, scoreThreshold: SCORE_THRESHOLD };
  return { classNames, provenance: new Provenance({ ...detector, detection }, answers) };
}

/**
 * @param matching how the detector's training gave objects their default boxes
 * @param others the other objects of the picture
 * @throws StudioFailure 'bad-request' for a default box or a class that the detector does not have
 */
export function explain(
  { provenance, classNames }: OpenedPicture,
  question: ExplainQuestion,
  matching: Pick<RunSummary['configuration'], 'matchingThreshold' | 'matchingRule'>,
  others: readonly ExplainedObject[] = [],
): readonly Explanation[] {
  if (question.kind === 'detections') {
    return provenance.detections
      .filter(({ score }) => score >= question.scoreThreshold)
      .map(({ prior = -1, classIndex }) => provenance.explainDetection(prior, classIndex));
  }
  const { classIndex } = question;
  if (classIndex !== null && classIndex >= classNames.length) {
    throw new StudioFailure(
      'bad-request',
      `The detector has ${classNames.length} classes: there is none ${classIndex}.`,
    );
  }
  if (question.kind === 'object') return [provenance.explainObject(question, others, { ...question, ...matching })];
  try {
    return [provenance.explainDetection(question.prior, question.classIndex)];
  } catch (error) {
    if (error instanceof RangeError) throw new StudioFailure('bad-request', `${error.message}.`);
    throw error;
  }
}

export function createExplanationHandlers(
  session: ProjectSession,
  launcher: ComputeLauncher,
): HandlersOf<'detect.explain' | 'evaluation.explain' | 'evaluation.hardNegatives'> {
  /** Newest last; by run folder, checkpoint and picture. */
  const opened = new Map<string, Promise<OpenedPicture>>();

  function open(
    run: RunSummary,
    key: string,
    image: PredictInput,
    { progress, signal }: OperationContext,
  ): Promise<OpenedPicture> {
    const runDirectory = session.require().runDirectory(run.id);
    const place = `${runDirectory} ${run.checkpointStep} ${key}`;
    const known = opened.get(place);
    opened.delete(place);
    const opening = known ?? ask();
    opened.set(place, opening);
    for (const oldest of [...opened.keys()].slice(0, -KEPT_PICTURES)) opened.delete(oldest);
    return opening;

    async function ask(): Promise<OpenedPicture> {
      progress('Asking the detector', 0, 1);
      try {
        const job = { kind: 'answers', detector: { runDirectory }, image } as const;
        return openAnswers((await runComputeJob(launcher, job, signal)).answered);
      } catch (error) {
        opened.delete(place);
        throw error;
      }
    }
  }

  /** A picture of the project, with the objects that the run would learn from it. */
  async function openOwn(runId: number, imageId: number, context: OperationContext) {
    const store = session.require();
    const run = requireTrainedRun(store, runId);
    const image = requireImage(store, imageId);
    const objects = objectsOf(image, detectorClasses(store, run));
    const picture = await open(run, `picture ${imageId}`, { name: image.fileName, path: image.path }, context);
    return { run, objects, picture };
  }

  return {
    'detect.explain': async ({ runId, image, question }, context): Promise<ExplanationAnswer> => {
      const run = requireTrainedRun(session.require(), runId);
      const key = createHash('sha256').update(image.bytes).digest('hex');
      const picture = await open(run, key, image, context);
      const { classNames } = picture;
      return {
        classNames,
        step: run.checkpointStep ?? 0,
        explanations: explain(picture, question, run.configuration),
      };
    },
    'evaluation.explain': async ({ runId, imageId, question }, context): Promise<ExplanationAnswer> => {
      const { run, objects, picture } = await openOwn(runId, imageId, context);
      const { classNames } = picture;
      const others = question.kind === 'object' ? without(objects, question) : [];
      return {
        classNames,
        step: run.checkpointStep ?? 0,
        explanations: explain(picture, question, run.configuration, others),
      };
    },
    'evaluation.hardNegatives': async ({ runId, imageId }, context): Promise<HardNegativesAnswer> => {
      const { run, objects, picture } = await openOwn(runId, imageId, context);
      return { ...picture.provenance.hardNegatives(objects, run.configuration), step: run.checkpointStep ?? 0 };
    },
  };
}

/** Those that training would match: no crowds, no classes that the detector does not know. */
function objectsOf({ objects }: StoredImage, classIndices: ReadonlyMap<number, number>): ExplainedObject[] {
  return objects.flatMap(({ classId, box, crowd }) => {
    const classIndex = classIndices.get(classId);
    return classIndex === undefined || crowd ? [] : [{ classIndex, box }];
  });
}

function without(objects: readonly ExplainedObject[], { classIndex, box }: ExplainedObject): ExplainedObject[] {
  const own = objects.findIndex(
    (object) =>
      object.classIndex === classIndex &&
      (['x1', 'y1', 'x2', 'y2'] as const).every((edge) => object.box[edge] === box[edge]),
  );
  return objects.filter((_, at) => at !== own);
}
