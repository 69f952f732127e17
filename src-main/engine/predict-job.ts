/** Detection on many pictures with the weights of a run. */
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration } from '@core/experiment/run';
import type { RgbImage } from '../images/decode';
import { ImageError } from '../images/image-error';
import type { PictureSource } from '../images/picture-source';
import type { AnsweredPicture, ComputeMessage, PredictInput, Prediction } from '../services/ports';
import { readDetectorWeights } from './checkpoint';
import type { Engine } from './engines';
import { Model } from './executor';
import type { NamedTensor } from './executor-parameters';
import { Predictor } from './predict';
import { describeRunNetwork, readSnapshot } from './run-network';

const BATCH = 8;

/** A detector's weights with what belongs to them. */
export interface LoadedDetector extends Pick<RunConfiguration, 'network' | 'defaultBoxes' | 'detection'> {
  readonly classNames: readonly string[];
  readonly weights: readonly NamedTensor[];
}

function openPredictor(detector: LoadedDetector, engine: Engine): Predictor {
  const { classNames, weights } = detector;
  return new Predictor(new Model(engine, describeRunNetwork(detector, classNames), { weights }), detector);
}

/**
 * The weights of a run that predict, with what its snapshot says.
 * @throws StudioFailure when the run has no checkpoint
 */
export async function loadRunDetector(runDirectory: string): Promise<LoadedDetector & { readonly step: number }> {
  const { configuration, classNames } = await readSnapshot(runDirectory);
  const checkpoint = await readDetectorWeights(runDirectory);
  if (checkpoint === null) {
    throw new StudioFailure('not-found', 'This run has no checkpoint yet.', 'Train it until its first checkpoint.');
  }
  const { network, defaultBoxes, detection } = configuration;
  return { network, defaultBoxes, detection, classNames, ...checkpoint };
}

/**
 * One 'prediction' message per picture, in order. A picture that cannot be read has its problem instead of detections.
 * @param cancelled asked between batches; when it says so the rest is left out
 */
export async function predictImages(
  detector: LoadedDetector,
  engine: Engine,
  pictures: PictureSource,
  job: { readonly images: readonly PredictInput[]; readonly scoreThreshold: number },
  send: (message: Extract<ComputeMessage, { kind: 'ready' | 'progress' | 'prediction' }>) => void,
  cancelled: () => Promise<boolean>,
): Promise<void> {
  const predictor = openPredictor(detector, engine);
  send({ kind: 'ready', engine: engine.id });
  const rules = { ...predictor.rules, scoreThreshold: job.scoreThreshold };
  const batchAt = (i: number) => Promise.all(job.images.slice(i, i + BATCH).map((image) => read(image, pictures)));
  let next = batchAt(0);
  for (let i = 0; i < job.images.length; i += BATCH) {
    const batch = await next;
    next = batchAt(i + BATCH);
    const readable = batch.flatMap(({ pixels }) => (pixels === null ? [] : [pixels]));
    const started = performance.now();
    const found = readable.length === 0 ? [] : await predictor.detect(readable, readable, rules);
    const milliseconds = (performance.now() - started) / Math.max(1, readable.length);
    for (const { name, pixels, problem } of batch) {
      const detections = pixels === null ? [] : found[readable.indexOf(pixels)];
      const { width, height } = pixels ?? { width: 0, height: 0 };
      const prediction: Prediction = { name, width, height, detections, milliseconds, problem };
      send({ kind: 'prediction', prediction });
    }
    send({ kind: 'progress', label: 'Detecting', done: i + batch.length, total: job.images.length });
    if (await cancelled()) return;
  }
}

/**
 * All answers for one picture.
 * @throws StudioFailure when the picture cannot be read
 */
export async function answerPicture(
  detector: LoadedDetector,
  engine: Engine,
  pictures: PictureSource,
  image: PredictInput,
): Promise<AnsweredPicture> {
  const { pixels, problem } = await read(image, pictures);
  if (pixels === null) throw new StudioFailure('unreadable', `${image.name} cannot be read: ${problem}.`);
  const predictor = openPredictor(detector, engine);
  const { classNames, network, defaultBoxes, detection } = detector;
  return {
    classNames,
    detector: { network, defaultBoxes, detection },
    answers: await predictor.answers(pixels),
  };
}

async function read(
  input: PredictInput,
  { decode }: PictureSource,
): Promise<{ name: string; pixels: RgbImage | null; problem: string | null }> {
  try {
    return { name: input.name, pixels: await decode('path' in input ? input.path : input), problem: null };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { name: input.name, pixels: null, problem: error.reason };
  }
}
