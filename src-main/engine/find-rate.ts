/** The learning-rate finder: a short training whose rate grows until it diverges; its weights are thrown away. */
import { throwIfCancelled } from '@core/contract/failure';
import { hasDiverged, rateOfStep, type RateRange, type RateSample } from '@core/experiment/learning-rate-finder';
import type { PictureSource } from '../images/picture-source';
import type { ComputeMessage, ComputeResult } from '../services/ports';
import { type EngineOpener, openLearner } from './learner';
import { isFiniteStep } from './not-a-number';
import { readSnapshot } from './run-network';
import { beginningWeights } from './start-weights';

interface FinderHost {
  send(message: Exclude<ComputeMessage, { kind: 'done' | 'failed' }>): void;
  cancelled(): Promise<boolean>;
}

/**
 * Takes the first steps of the run whose snapshot lies in the folder: its batches, start weights, rules and seed, but for the
 * learning rate. Sends every loss as it comes; a loss that is no number ends the test and is not among them.
 * @throws StudioFailure 'cancelled', or when there is nothing to train on
 */
export async function findRate(
  { runDirectory, range }: { readonly runDirectory: string; readonly range: RateRange },
  openEngine: EngineOpener,
  host: FinderHost,
  pictures: PictureSource,
): Promise<Extract<ComputeResult, { kind: 'find-rate' }>> {
  const snapshot = await readSnapshot(runDirectory);
  const { configuration } = snapshot;
  const warn = (message: string): void => host.send({ kind: 'warning', message });
  const { engine, model, trainer, openLoader, dispose } = await openLearner(snapshot, openEngine, pictures, warn);
  host.send({ kind: 'ready', engine: engine.id });
  const loader = openLoader(0);
  const samples: RateSample[] = [];
  let diverged = false;
  try {
    model.writeWeights(await beginningWeights(model, configuration, runDirectory));
    for (let step = 0; step < range.steps && !diverged; step++) {
      throwIfCancelled({ aborted: await host.cancelled() });
      host.send({ kind: 'progress', label: 'Trying learning rates', done: step, total: range.steps });
      const batch = await loader.next();
      const rate = rateOfStep(range, step);
      const result = await trainer.step(batch.images, batch, rate);
      loader.recycle(batch);
      diverged = !isFiniteStep(result);
      if (diverged) break;
      const sample = { rate, loss: result.confidenceLoss + configuration.alpha * result.localisationLoss };
      samples.push(sample);
      host.send({ kind: 'rate', sample });
      diverged = hasDiverged(samples, range.steps);
    }
    return { kind: 'find-rate', engine: engine.id, samples, diverged };
  } finally {
    await loader.close();
    dispose();
  }
}
