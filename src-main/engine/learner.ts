/** What learns from a run's pictures, put together from its snapshot: for a training and for the learning-rate finder alike. */
import { totalmem } from 'node:os';
import { StudioFailure } from '@core/contract/failure';
import { pictureCacheBytes } from '@core/experiment/training-plan';
import { frozenLayers } from '@core/network/frozen';
import type { BatchLoader } from '../images/loader';
import { loaderSettings } from '../images/loader-settings';
import type { PictureSource } from '../images/picture-source';
import type { RunSnapshot } from '../services/ports';
import { type Engine, inMathMode } from './engines';
import { Model } from './executor';
import { Trainer } from './optimiser-step';
import { describeRunNetwork } from './run-network';

export type EngineOpener = (snapshot: RunSnapshot) => Promise<Engine>;

export interface Learner {
  readonly engine: Engine;
  /** With fresh weights from the run's seed. */
  readonly model: Model;
  readonly trainer: Trainer;
  /** The batches from a step on. */
  openLoader(step: number): BatchLoader;
  dispose(): void;
}

/**
 * @param warn told what is not as the configuration asks for
 * @throws StudioFailure when there is nothing to train on
 */
export async function openLearner(
  snapshot: RunSnapshot,
  openEngine: EngineOpener,
  pictures: PictureSource,
  warn: (message: string) => void,
): Promise<Learner> {
  requirePictures(snapshot);
  const { configuration, classNames } = snapshot;
  const { engine, warning } = inMathMode(await openEngine(snapshot), configuration.mathMode);
  if (warning) warn(warning);
  const description = describeRunNetwork(configuration, classNames);
  const frozen = frozenLayers(description, configuration.frozen);
  const model = new Model(engine, description, { seed: configuration.seed }, frozen);
  const trainer = new Trainer(model, configuration, warn);
  const settings = loaderSettings(snapshot, description, pictureCacheBytes(totalmem()));
  return {
    engine,
    model,
    trainer,
    openLoader: (step) => pictures.openLoader(settings, step),
    dispose() {
      trainer.dispose();
      model.dispose();
    },
  };
}

function requirePictures({ train: images }: RunSnapshot): void {
  const advice = 'Put labelled pictures into the train split.';
  if (images.length === 0) throw new StudioFailure('bad-request', 'There is no picture to train on.', advice);
  if (!images.some(({ objects }) => objects.length > 0)) {
    throw new StudioFailure('bad-request', 'No picture of the train split has a labelled object.', advice);
  }
}
