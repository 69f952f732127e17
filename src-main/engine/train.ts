/** The training of a run, from its snapshot to its last checkpoint. */
import { totalmem } from 'node:os';
import { StudioFailure } from '@core/contract/failure';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { learningRateAt, runProgress, secondsLeft } from '@core/experiment/schedule';
import type { Batch } from '../images/batch';
import { BatchLoader } from '../images/loader';
import { loaderSettings } from '../images/loader-settings';
import type { ComputeMessage, ComputeOrder, ComputeResult, RunSnapshot } from '../services/ports';
import { readNewestCheckpoint, removeCheckpoints, writeCheckpoint } from './checkpoint';
import { type Engine, inMathMode } from './engines';
import { Model } from './executor';
import { appendMetrics, truncateMetrics } from './metrics-log';
import { Trainer } from './optimiser-step';
import { Predictor } from './predict';
import { appendPreview, truncatePreviews } from './preview-log';
import { describeRunNetwork, readSnapshot } from './run-network';
import { readStartWeights, withStartWeights } from './start-weights';
import { TrainMeter } from './train-meter';
import { validate } from './validate';

/** Who started the training: hears about it and may end it. */
export interface TrainingHost {
  send(message: Exclude<ComputeMessage, { kind: 'done' | 'failed' }>): void;
  /** Lets waiting orders arrive and tells the newest. */
  order(): Promise<ComputeOrder | null>;
}

type TrainingResult = Extract<ComputeResult, { kind: 'train' }>;

/**
 * Trains a run until its steps or minutes are over or an order ends it; either way a checkpoint is written last.
 * With `resume` it goes on from the newest checkpoint with the weights, optimiser, order of pictures and augmentations that an
 * uninterrupted run would have had; without one it starts from the beginning.
 * @param loaderScript the bundle of workers/loader.worker.ts
 * @throws StudioFailure when there is nothing to train on or the loss is no number any more
 */
export async function train(
  { runDirectory, resume }: { readonly runDirectory: string; readonly resume: boolean },
  openEngine: (snapshot: RunSnapshot) => Promise<Engine>,
  host: TrainingHost,
  loaderScript: URL,
): Promise<TrainingResult> {
  const snapshot = await readSnapshot(runDirectory);
  requirePictures(snapshot);
  const { configuration, classNames } = snapshot;
  const { engine, warning } = inMathMode(await openEngine(snapshot), configuration.mathMode);
  host.send({ kind: 'ready', engine: engine.id });
  if (warning) host.send({ kind: 'warning', message: warning });

  const model = new Model(engine, describeRunNetwork(configuration, classNames), { seed: configuration.seed });
  const trainer = new Trainer(model, configuration, (message) => host.send({ kind: 'warning', message }));
  const predictor = new Predictor(model, configuration);
  let { step, seconds } = await restore(
    runDirectory,
    { resume, fromFile: configuration.startWeights !== null },
    model,
    trainer,
    host,
  );
  let saved = step > 0 ? step : -1;
  let meanAveragePrecision: number | null = null;
  let ended: TrainingResult['ended'] = 'finished';

  const loader = new BatchLoader(loaderSettings(snapshot, model.description, cacheBytes()), step, loaderScript);
  const meter = new TrainMeter();
  const started = performance.now() - seconds * 1000;
  const now = () => (performance.now() - started) / 1000;
  try {
    while (runProgress(configuration, { step, seconds }) < 1) {
      const stepStarted = now();
      const batch = await loader.next();
      for (const { message } of batch.skipped) host.send({ kind: 'warning', message: `Left out: ${message}` });

      const learningRate = learningRateAt(configuration, { step, seconds });
      const result = await trainer.step(batch.images, batch, learningRate);
      requireFinite(result, step, batch, snapshot);
      loader.recycle(batch);
      step++;
      seconds = now();

      meter.add(result, configuration.batchSize, batch.positivesPerSource, seconds - stepStarted);
      const over = runProgress(configuration, { step, seconds }) >= 1;
      if (meter.due || over) report(meter.take(step, seconds, learningRate), null);
      const order = await host.order();
      if (order !== null) {
        ended = order === 'stop' ? 'stopped' : 'paused';
        break;
      }
      if (!over && step % configuration.checkpointEverySteps === 0) await save();
      if (!over && isDue(configuration.evaluateEverySteps, step)) await evaluate();
      seconds = now();
    }
    report(meter.take(step, seconds, learningRateAt(configuration, { step, seconds })), null);
    await save();
    if (ended === 'finished' && configuration.evaluateEverySteps > 0) await evaluate();
  } finally {
    await loader.close();
    trainer.dispose();
    model.dispose();
  }
  return { kind: 'train', ended, step, meanAveragePrecision };

  function report(metric: MetricRecord | null, validation: ValidationRecord | null): void {
    const metrics = metric === null ? [] : [metric];
    const validations = validation === null ? [] : [validation];
    if (metrics.length + validations.length === 0) return;
    appendMetrics(runDirectory, [...metrics, ...validations]);
    const left = secondsLeft(configuration, { step, seconds }, meter.secondsPerStep);
    host.send({ kind: 'metrics', metrics, validations, secondsLeft: left });
  }

  async function save(): Promise<void> {
    if (saved === step) return;
    const state = { weights: await model.readWeights(), optimiser: await trainer.optimiser.readState() };
    await writeCheckpoint(runDirectory, { step, seconds, ...state });
    saved = step;
    host.send({ kind: 'checkpoint', step });
  }

  async function evaluate(): Promise<void> {
    if (snapshot.val.length === 0) return;
    const interrupted = async () => (await host.order()) !== null;
    const validated = await validate(predictor, snapshot.val, classNames, step, interrupted);
    if (validated === null) return;
    appendPreview(runDirectory, step, validated.images, snapshot.val);
    meanAveragePrecision = validated.record.meanAveragePrecision;
    report(null, validated.record);
  }
}

const isDue = (every: number, step: number): boolean => every > 0 && step % every === 0;

function requirePictures({ train: images }: RunSnapshot): void {
  const advice = 'Put labelled pictures into the train split.';
  if (images.length === 0) throw new StudioFailure('bad-request', 'There is no picture to train on.', advice);
  if (!images.some(({ objects }) => objects.length > 0)) {
    throw new StudioFailure('bad-request', 'No picture of the train split has a labelled object.', advice);
  }
}

/**
 * Puts weights and momentum of the newest checkpoint in place and cuts the metrics back to it; without a checkpoint the weights
 * of the file that the run begins from, if there is one.
 */
async function restore(
  runDirectory: string,
  { resume, fromFile }: { readonly resume: boolean; readonly fromFile: boolean },
  model: Model,
  trainer: Trainer,
  host: TrainingHost,
): Promise<{ step: number; seconds: number }> {
  if (!resume) await removeCheckpoints(runDirectory);
  const warn = (message: string): void => host.send({ kind: 'warning', message });
  const checkpoint = await readNewestCheckpoint(runDirectory, warn);
  if (checkpoint !== null) {
    model.writeWeights(checkpoint.weights);
    trainer.optimiser.writeState(checkpoint.optimiser);
  } else if (fromFile) {
    model.writeWeights(withStartWeights(await model.readWeights(), await readStartWeights(runDirectory)));
  }
  const { step, seconds } = checkpoint ?? { step: 0, seconds: 0 };
  await truncateMetrics(runDirectory, step);
  await truncatePreviews(runDirectory, step);
  return { step, seconds };
}

/** A quarter of the memory at most, and 2 GB, for decoded pictures. */
const cacheBytes = (): number => Math.min(2e9, totalmem() / 4);

/** The weights are still those before the step, and the last checkpoint is good. */
function requireFinite(
  result: { readonly confidenceLoss: number; readonly localisationLoss: number; readonly gradientNorm: number },
  step: number,
  batch: Batch,
  snapshot: RunSnapshot,
): void {
  if ([result.confidenceLoss, result.localisationLoss, result.gradientNorm].every(Number.isFinite)) return;
  const files = new Map(snapshot.train.map(({ id, path }) => [id, path]));
  const names = [...new Set(batch.imageIds)].map((id) => files.get(id)).join(', ');
  throw new StudioFailure(
    'internal',
    `The loss stopped being a number at step ${step + 1}, on the pictures ${names}.`,
    'Start again with a lower learning rate or a longer warm-up, and look at the boxes of these pictures.',
  );
}
