/** The training of a run, from its snapshot to its last checkpoint. */
import { afterValidation, reasonToStop } from '@core/experiment/early-stopping';
import type { MetricRecord, ValidationRecord } from '@core/experiment/run';
import { learningRateAt, runProgress, secondsLeft } from '@core/experiment/schedule';
import type { NegativeRows } from '@core/priors/hard-negatives';
import type { Batch } from '../images/batch';
import type { PictureSource } from '../images/picture-source';
import type { ComputeMessage, ComputeOrder, ComputeResult } from '../services/ports';
import { type EngineOpener, openLearner } from './learner';
import { appendMetrics } from './metrics-log';
import { describeBatch, isFiniteStep, notANumber, rollbackMessage } from './not-a-number';
import { Predictor } from './predict';
import { appendPreview } from './preview-log';
import { defaultBoxesOf, readSnapshot } from './run-network';
import { SuspectWatch } from './suspect-watch';
import { TrainMeter } from './train-meter';
import { TrainState } from './train-state';
import { validate } from './validate';
import { withAverage } from './weight-average';

/** Who started the training: hears about it and may end it. */
export interface TrainingHost {
  send(message: Exclude<ComputeMessage, { kind: 'done' | 'failed' }>): void;
  /** Lets waiting orders arrive and tells the newest. */
  order(): Promise<ComputeOrder | null>;
}

type TrainingResult = Extract<ComputeResult, { kind: 'train' }>;

/**
 * Trains a run until its steps or minutes are over, it gets no better, or an order ends it; a checkpoint is written last.
 * With `resume` it goes on from the newest checkpoint with the weights, optimiser, order of pictures and augmentations that an
 * uninterrupted run would have had; without one it starts from the beginning. When the loss stops being a number it goes back
 * to the newest checkpoint once, with half the learning rate.
 * @throws StudioFailure when there is nothing to train on, the disk is full, or the loss stopped being a number again
 */
export async function train(
  job: { readonly runDirectory: string; readonly resume: boolean },
  openEngine: EngineOpener,
  host: TrainingHost,
  pictures: PictureSource,
): Promise<TrainingResult> {
  const { runDirectory } = job;
  const snapshot = await readSnapshot(runDirectory);
  const { configuration, classNames } = snapshot;
  const warn = (message: string): void => host.send({ kind: 'warning', message });
  const learner = await openLearner(snapshot, openEngine, pictures, warn);
  const { model, trainer } = learner;
  host.send({ kind: 'ready', engine: learner.engine.id });
  const predictor = new Predictor(model, configuration);
  const boxes = defaultBoxesOf(configuration, model.description);
  const suspects = new SuspectWatch(runDirectory, snapshot.train, boxes, configuration.defaultBoxes);
  const opened = await TrainState.open(job, configuration, model, trainer, suspects, warn);
  const { state } = opened;
  let { seconds } = opened;
  let ended: TrainingResult['ended'] = 'finished';
  let endedEarly: string | null = null;

  let loader = learner.openLoader(state.step);
  const meter = new TrainMeter();
  let rolledBack = false;
  const started = performance.now() - seconds * 1000;
  const now = () => (performance.now() - started) / 1000;
  const rateNow = () => state.rateFactor * learningRateAt(configuration, { step: state.step, seconds });
  const isOver = () => runProgress(configuration, { step: state.step, seconds }) >= 1;
  try {
    while (!isOver()) {
      if (isDue(configuration.evaluateEverySteps, state.step) && state.validations.step !== state.step) {
        await evaluate();
        endedEarly = reasonToStop(state.validations, configuration);
        if (endedEarly !== null) break;
      }
      const order = await host.order();
      if (order !== null) {
        ended = order === 'stop' ? 'stopped' : 'paused';
        break;
      }
      const stepStarted = (seconds = now());
      const batch = await loader.next();
      for (const { message } of batch.skipped) warn(`Left out: ${message}`);

      const learningRate = rateNow();
      let negatives: NegativeRows | null = null;
      const result = await trainer.step(batch.images, batch, learningRate, (rows) => (negatives = rows));
      if (!isFiniteStep(result)) {
        await rollBack(batch);
        continue;
      }
      loader.recycle(batch);
      state.advance();
      if (negatives) suspects.look(state.step, batch, negatives);
      seconds = now();

      meter.add(result, configuration.batchSize, batch.positivesPerSource, seconds - stepStarted);
      if (meter.due || isOver()) report(meter.take(state.step, seconds, learningRate), null);
      if (!isOver() && isDue(configuration.checkpointEverySteps, state.step)) await save();
    }
    report(meter.take(state.step, seconds, rateNow()), null);
    await save();
    if (ended === 'finished' && configuration.evaluateEverySteps > 0 && state.validations.step !== state.step) {
      await evaluate();
    }
  } finally {
    await loader.close();
    state.dispose();
    learner.dispose();
  }
  return { kind: 'train', ended, step: state.step, endedEarly };

  function report(metric: MetricRecord | null, validation: ValidationRecord | null): void {
    const metrics = metric === null ? [] : [marked(metric)];
    const validations = validation === null ? [] : [validation];
    if (metrics.length + validations.length === 0) return;
    appendMetrics(runDirectory, [...metrics, ...validations]);
    const left = secondsLeft(configuration, { step: state.step, seconds }, meter.secondsPerStep);
    host.send({ kind: 'metrics', metrics, validations, secondsLeft: left });
  }

  /** The first record after a rollback says so. */
  function marked(metric: MetricRecord): MetricRecord {
    if (!rolledBack || state.rolledBackFrom === null) return metric;
    rolledBack = false;
    return { ...metric, rolledBackFrom: state.rolledBackFrom };
  }

  async function save(): Promise<void> {
    if (await state.save(seconds)) host.send({ kind: 'checkpoint', step: state.step });
  }

  /** Without an answer when an order comes meanwhile. */
  async function evaluate(): Promise<void> {
    if (snapshot.val.length === 0) return;
    const interrupted = async () => (await host.order()) !== null;
    const work = () => validate(predictor, snapshot.val, pictures.decode, classNames, state.step, interrupted);
    const validated = await (state.average ? withAverage(state.average, work) : work());
    if (validated === null) return;
    const { record } = validated;
    const { step, meanAveragePrecision } = record;
    appendPreview(runDirectory, step, validated.images, snapshot.val);
    state.validations = afterValidation(state.validations, record);
    // Not by its step: of a run that was set back the best may be of this step, from before.
    const isBest = state.validations.sinceBest === 0;
    if (isBest) await state.saveBest(meanAveragePrecision);
    report(null, record);
    if (isBest) host.send({ kind: 'best', step, meanAveragePrecision });
  }

  async function rollBack(batch: Batch): Promise<void> {
    const failedStep = state.step + 1;
    const lines = describeBatch(snapshot, batch.imageIds);
    if (state.rolledBackFrom !== null) throw notANumber(failedStep, state.rolledBackFrom, configuration, lines);
    await loader.close();
    meter.forget();
    await state.rollBack(seconds);
    rolledBack = true;
    const message = rollbackMessage(failedStep, state.step, configuration, lines);
    host.send({ kind: 'rollback', step: state.step, message });
    loader = learner.openLoader(state.step);
  }
}

const isDue = (every: number, step: number): boolean => every > 0 && step > 0 && step % every === 0;
