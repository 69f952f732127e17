/** Detectors as graphs that run elsewhere, each reopened in a runtime that is not ours and compared on a picture. */
import { basename } from 'node:path';
import type { GraphPort, OnnxExport, PredictionVerification, TfjsExport } from '@core/contract/exports';
import { decodeBoxes } from '@core/priors/coder';
import { openEngine } from '../engine/engines';
import { Model } from '../engine/executor';
import { predictRaw } from '../engine/executor-prediction';
import { decodeRgb } from '../images/decode';
import type { DetectorToExport } from './detector';
import { compareOutputs, type DetectorOutput } from './detector-output';
import type { ExportProgress } from './export-run';
import { rawPixels, toPlanes } from './onnx-detect';
import { OPSET } from './onnx-graph';
import { OnnxDetector } from './onnx-runtime';
import { writeOnnx } from './onnx-writer';
import { TfjsDetector } from './tfjs-runtime';
import { isTfjsFile, writeTfjs } from './tfjs-writer';
import { writeFolder } from './write-folder';
import { writeWhole } from './write-whole';

interface Destination {
  readonly path: string;
  /** Path of the picture that both predictions are compared on; null: a pattern drawn for it. */
  readonly verifyWith: string | null;
}

export async function exportOnnx(
  detector: DetectorToExport,
  { path, verifyWith }: Destination,
  progress: ExportProgress,
): Promise<OnnxExport> {
  const pixels = await pixelsOf(verifyWith, detector);
  progress('Writing the graph', 1, 4);
  const bytes = await writeWhole(path, [writeOnnx(detector)]);
  const { width, height } = detector.network.input;
  const verification = await verify(detector, pixels, progress, async () => {
    const reopened = await OnnxDetector.open(path);
    const output = await reopened.run(toPlanes(pixels, detector.network.input), 1, height, width);
    await reopened.close();
    return { output, runtime: reopened.runtimeName, picture: pictureName(verifyWith) };
  });
  const inputs = [{ name: 'image', shape: ['N', 3, height, width] }];
  return { format: 'onnx', path, bytes, opset: OPSET, inputs, outputs: outputsOf(detector), verification };
}

/** Into a folder; one that holds an earlier export is replaced. */
export async function exportTfjs(
  detector: DetectorToExport,
  { path, verifyWith }: Destination,
  progress: ExportProgress,
): Promise<TfjsExport> {
  const pixels = await pixelsOf(verifyWith, detector);
  progress('Writing the graph', 1, 4);
  const files = writeTfjs(detector);
  const bytes = await writeFolder(path, files, isTfjsFile);
  const { width, height } = detector.network.input;
  const verification = await verify(detector, pixels, progress, async () => {
    const reopened = await TfjsDetector.open(path);
    const output = await reopened.run(pixels, 1, height, width);
    reopened.close();
    return { output, runtime: reopened.runtimeName, picture: pictureName(verifyWith) };
  });
  const inputs = [{ name: 'image', shape: ['N', height, width, 3] }];
  return { format: 'tfjs', path, bytes, files: files.length, inputs, outputs: outputsOf(detector), verification };
}

function outputsOf({ network, defaultBoxes }: DetectorToExport): GraphPort[] {
  const boxes = defaultBoxes.length / 4;
  return [
    { name: 'boxes', shape: ['N', boxes, 4] },
    { name: 'scores', shape: ['N', boxes, network.classes] },
  ];
}

async function verify(
  detector: DetectorToExport,
  pixels: Float32Array,
  progress: ExportProgress,
  reopen: () => Promise<{ output: DetectorOutput; runtime: string; picture: string }>,
): Promise<PredictionVerification> {
  progress('Predicting with the studio', 2, 4);
  const own = await predictWithStudio(detector, pixels);
  progress('Reopening the file', 3, 4);
  const { output, runtime, picture } = await reopen();
  progress('Compared', 4, 4);
  return { picture, runtime, ...compareOutputs(own, output) };
}

const pictureName = (path: string | null): string => (path === null ? 'a drawn pattern' : basename(path));

/** [H, W, 3], RGB 0..255. */
async function pixelsOf(picture: string | null, { network }: DetectorToExport): Promise<Float32Array> {
  return picture === null ? drawnPattern(network.input) : rawPixels(await decodeRgb(picture), network.input);
}

/** Waves of each colour, coarse to fine, where there is no picture. */
function drawnPattern({ width, height }: { readonly width: number; readonly height: number }): Float32Array {
  return Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 127.5 + 127.5 * Math.sin((x * (c + 1)) / (4 + y / 8)) * Math.cos((y * (3 - c)) / (4 + x / 8));
  });
}

/** The answers of our own executor on the best engine there is. Pixels [H, W, 3], RGB 0..255. */
export async function predictWithStudio(detector: DetectorToExport, pixels: Float32Array): Promise<DetectorOutput> {
  const { network, weights, defaultBoxes, configuration } = detector;
  const { channelOrder, mean, std } = network.preprocessing;
  const channel = channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const preprocessed = pixels.map((_, i) => {
    const c = i % 3;
    return (pixels[i - c + channel[c]] - mean[c]) / std[c];
  });
  const model = new Model(await openEngine('auto'), network, { weights: [...weights.values()] });
  const { scores, offsets } = await predictRaw(model, preprocessed);
  model.dispose();
  return {
    scores,
    boxes: decodeBoxes(offsets, defaultBoxes, configuration.variances, new Float32Array(offsets.length)),
  };
}
