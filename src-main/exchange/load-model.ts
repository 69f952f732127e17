/** A detector from where it lies, whole: the best checkpoint of a run, or a model file of ours. */
import { StudioFailure } from '@core/contract/failure';
import type { ModelSource } from '@core/weights/model-metadata';
import { readDetectorWeights } from '../engine/checkpoint';
import { readSnapshot } from '../engine/run-network';
import type { DetectorPlace } from '../services/ports';
import { type ModelFile, readModelFile } from './model-file';

/**
 * @param runName what the run is called where it lies in a project
 * @throws StudioFailure 'not-found' for a run without a checkpoint, 'unreadable'
 */
export async function loadModel(place: DetectorPlace, runName: string): Promise<ModelFile> {
  if ('modelFile' in place) return readModelFile(place.modelFile);
  const { configuration, classNames } = await readSnapshot(place.runDirectory);
  const checkpoint = await readDetectorWeights(place.runDirectory);
  if (checkpoint === null) {
    throw new StudioFailure('not-found', 'This run has no checkpoint yet.', 'Train it until its first checkpoint.');
  }
  const { network, defaultBoxes, detection, startWeights } = configuration;
  const source: ModelSource = {
    name: runName,
    step: checkpoint.step,
    layout: checkpoint.step === 0 ? (startWeights?.layout ?? null) : null,
  };
  return { network, defaultBoxes, classNames, detection, source, weights: checkpoint.weights };
}
