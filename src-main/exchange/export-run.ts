/** A run as a model file, proved: reopened by another reader and compared with the run. */
import { StudioFailure } from '@core/contract/failure';
import type { ExportReport } from '@core/contract/exports';
import { readNewestCheckpoint } from '../engine/checkpoint';
import { defaultBoxesOf, describeRunNetwork, readSnapshot } from '../engine/run-network';
import type { ExportJob } from '../services/ports';
import type { DetectorToExport } from './detector';
import { exportOnnx, exportTfjs } from './export-graph';
import { ownVersion } from './own-version';

export type ExportProgress = (label: string, done: number, total: number) => void;

/**
 * Writes the newest checkpoint of a run to the job's path: complete or not at all.
 * @throws StudioFailure 'not-found' without a checkpoint, 'already-exists', 'not-allowed' or 'disk-full' where it cannot be
 * written, 'unreadable' for the run or the picture
 */
export async function exportRun(job: ExportJob, progress: ExportProgress): Promise<ExportReport> {
  progress('Reading the run', 0, 4);
  const detector = await detectorOfRun(job.runDirectory);
  switch (job.format) {
    case 'onnx':
      return exportOnnx(detector, job, progress);
    case 'tfjs':
      return exportTfjs(detector, job, progress);
  }
}

async function detectorOfRun(runDirectory: string): Promise<DetectorToExport> {
  const { configuration, classNames } = await readSnapshot(runDirectory);
  const checkpoint = await readNewestCheckpoint(runDirectory);
  if (checkpoint === null) {
    throw new StudioFailure('not-found', 'This run has no checkpoint yet.', 'Train it until its first checkpoint.');
  }
  const network = describeRunNetwork(configuration, classNames);
  return {
    network,
    weights: new Map(checkpoint.weights.map((weight) => [weight.name, weight])),
    configuration: configuration.defaultBoxes,
    defaultBoxes: defaultBoxesOf(configuration, network).centers,
    classNames,
    detection: configuration.detection,
    version: ownVersion(),
  };
}
