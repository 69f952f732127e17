/** A trained run as an ONNX file, proved on a real picture: reopened in onnxruntime and compared with our own prediction. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import type { ExportReport } from '@core/contract/runs';
import { decodeBoxes, type Variances } from '@core/priors/coder';
import { readNewestCheckpoint } from '../engine/checkpoint';
import { openEngine } from '../engine/engines';
import { Model } from '../engine/executor';
import { predictRaw } from '../engine/executor-prediction';
import { defaultBoxesOf, describeRunNetwork, readSnapshot } from '../engine/run-network';
import { decodeRgb } from '../images/decode';
import { rawPixels, toPlanes } from './onnx-detect';
import { OPSET } from './onnx-graph';
import { OnnxDetector, type OnnxOutput } from './onnx-runtime';
import { writeOnnx } from './onnx-writer';
import { writeWhole } from './write-whole';

/** What counts as equal: boxes as fractions of the picture's side, scores as probabilities. */
export const BOX_TOLERANCE = 1e-3;
export const SCORE_TOLERANCE = 1e-4;

/** Our own prediction on pixels that both sides are given. */
export interface OwnPrediction {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
}

/**
 * Writes the newest checkpoint of a run to `path`: complete or not at all.
 * @param verifyWith path of the picture that both predictions are compared on
 * @throws StudioFailure 'not-found' without a checkpoint, 'unreadable' when the file cannot be written
 */
export async function exportOnnx(
  runDirectory: string,
  path: string,
  verifyWith: string,
  progress: (label: string, done: number, total: number) => void,
): Promise<ExportReport> {
  progress('Reading the run', 0, 4);
  const { configuration, classNames } = await readSnapshot(runDirectory);
  const checkpoint = await readNewestCheckpoint(runDirectory);
  if (checkpoint === null) {
    throw new StudioFailure('not-found', 'This run has no checkpoint yet.', 'Train it until its first checkpoint.');
  }
  const network = describeRunNetwork(configuration, classNames);
  const defaultBoxes = defaultBoxesOf(configuration, network).centers;

  progress('Writing the graph', 1, 4);
  const { scoreThreshold, iouThreshold, perClass, perImage } = configuration.detection;
  const bytes = writeOnnx({
    network,
    weights: new Map(checkpoint.weights.map((weight) => [weight.name, weight])),
    configuration: configuration.defaultBoxes,
    defaultBoxes,
    classNames,
    postprocessing: { scoreThreshold, nmsThreshold: iouThreshold, topK: perImage, perClassTopK: perClass },
    version: ownVersion(),
  });
  await writeWhole(path, [bytes]);

  progress('Predicting with the run', 2, 4);
  const pixels = rawPixels(await decodeRgb(verifyWith), network.input);
  const model = new Model(await openEngine('auto'), network, { weights: checkpoint.weights });
  const own = predict(model, pixels, defaultBoxes, configuration.defaultBoxes.variances);
  model.dispose();

  progress('Reopening the file in onnxruntime', 3, 4);
  const detector = await OnnxDetector.open(path);
  const { width, height } = network.input;
  const exported = await detector.run(toPlanes(pixels, network.input), 1, height, width);
  await detector.close();
  progress('Compared', 4, 4);
  const boxes = defaultBoxes.length / 4;
  return {
    path,
    bytes: bytes.byteLength,
    format: 'onnx',
    opset: OPSET,
    inputs: [{ name: 'image', shape: ['N', 3, height, width] }],
    outputs: [
      { name: 'boxes', shape: ['N', boxes, 4] },
      { name: 'scores', shape: ['N', boxes, network.classes] },
    ],
    verification: {
      picture: basename(verifyWith),
      runtime: detector.runtimeName,
      ...compare(own, exported),
      boxTolerance: BOX_TOLERANCE,
      scoreTolerance: SCORE_TOLERANCE,
    },
  };
}

/** Largest absolute differences over every default box; a file of another shape or with NaN never passes. */
export function compare(own: OwnPrediction, exported: OnnxOutput) {
  const largestBoxDifference = largestDifference(own.boxes, exported.boxes);
  const largestScoreDifference = largestDifference(own.scores, exported.scores);
  const passed = largestBoxDifference < BOX_TOLERANCE && largestScoreDifference < SCORE_TOLERANCE;
  return { largestBoxDifference, largestScoreDifference, passed };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

function predict(model: Model, pixels: Float32Array, centers: Float32Array, variances: Variances): OwnPrediction {
  const { channelOrder, mean, std } = model.description.preprocessing;
  const channel = channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const preprocessed = pixels.map((_, i) => {
    const c = i % 3;
    return (pixels[i - c + channel[c]] - mean[c]) / std[c];
  });
  const { scores, offsets } = predictRaw(model, preprocessed);
  return { scores, boxes: decodeBoxes(offsets, centers, variances, new Float32Array(offsets.length)) };
}

function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
