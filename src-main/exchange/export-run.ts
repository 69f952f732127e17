/** A detector as a file that runs elsewhere, proved: reopened by a reader and compared with what was written. */
import type { ExportReport } from '@core/contract/exports';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultBoxesOf, describeRunNetwork } from '../engine/run-network';
import type { ExportJob } from '../services/ports';
import type { DetectorToExport } from './detector';
import { exportOnnx, exportTfjs } from './export-graph';
import { exportPyTorch, exportSafetensors } from './export-weights';
import { loadModel } from './load-model';
import type { ModelFile } from './model-file';
import { ownVersion } from './own-version';

export type ExportProgress = (label: string, done: number, total: number) => void;

/**
 * Writes a detector to the job's path: complete or not at all.
 * @throws StudioFailure 'not-found' for a run without a checkpoint, 'already-exists', 'not-allowed' or 'disk-full' where it
 * cannot be written, 'unreadable' for the detector or the picture
 */
export async function exportRun(job: ExportJob, progress: ExportProgress): Promise<ExportReport> {
  progress('Reading the weights', 0, 4);
  const model = await loadModel(job.detector, job.runName);
  switch (job.format) {
    case 'onnx':
      return exportOnnx(detectorOf(model), job, progress);
    case 'tfjs':
      return exportTfjs(detectorOf(model), job, progress);
    case 'safetensors':
      return exportSafetensors(model, job.path, progress);
    case 'pytorch':
      return exportPyTorch(model, job, progress);
  }
}

function detectorOf(model: ModelFile): DetectorToExport {
  const { classNames, weights, detection } = model;
  const configuration: Pick<RunConfiguration, 'network' | 'defaultBoxes'> = model;
  const network = describeRunNetwork(configuration, classNames);
  return {
    network,
    weights: new Map(weights.map((weight) => [weight.name, weight])),
    configuration: configuration.defaultBoxes,
    defaultBoxes: defaultBoxesOf(configuration, network).centers,
    classNames,
    detection,
    version: ownVersion(),
  };
}
