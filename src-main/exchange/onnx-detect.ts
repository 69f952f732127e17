/** Detection with an ONNX file that SSD Studio exported: everything it needs is in the file and its metadata. */
import { readFile } from 'node:fs/promises';
import { StudioFailure } from '@core/contract/failure';
import type { Preprocessing } from '@core/network/description';
import { CAFFE_RULES, selectDetections } from '@core/priors/detections';
import { decodeRgb, type ImageSource, type RgbImage } from '../images/decode';
import { reasonOf } from '../images/image-error';
import { wholePicture } from '@core/augment/view';
import { warp } from '../images/warp';
import type { Prediction } from '../services/ports';
import { onnxType } from './onnx-graph';
import { OnnxDetector } from './onnx-runtime';

const MAX_MODEL_BYTES = 2_000_000_000;
const RAW_PIXELS: Preprocessing = { channelOrder: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };

export interface OnnxModel {
  readonly detector: OnnxDetector;
  /** Without background. */
  readonly classNames: readonly string[];
  readonly input: { readonly width: number; readonly height: number };
}

/** Throws StudioFailure 'unreadable' when the file is not an ONNX detector of ours. */
export async function openOnnxModel(path: string): Promise<OnnxModel> {
  const unreadable = (why: string): StudioFailure =>
    new StudioFailure('unreadable', `${path}: ${why}`, 'Give a .onnx file that SSD Studio exported.');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw unreadable(`cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
  if (bytes.byteLength > MAX_MODEL_BYTES) throw unreadable('larger than 2 GB');
  const metadata = readMetadata(bytes, unreadable);
  try {
    return { detector: await OnnxDetector.open(bytes), ...metadata };
  } catch (error) {
    throw unreadable(`onnxruntime cannot load it (${(error as Error).message})`);
  }
}

function readMetadata(bytes: Uint8Array, unreadable: (why: string) => StudioFailure): Omit<OnnxModel, 'detector'> {
  try {
    const type = onnxType('ModelProto');
    const model = type.toObject(type.decode(bytes)) as { metadata_props?: { key: string; value: string }[] };
    const value = (key: string): unknown =>
      JSON.parse(model.metadata_props?.find((p) => p.key === key)?.value ?? 'null');
    const classes = value('classes') as string[];
    const { width, height } = value('input') as { width: number; height: number };
    if (!classes.every((name) => typeof name === 'string') || !(width > 0) || !(height > 0)) throw new TypeError();
    return { classNames: classes.slice(1), input: { width, height } };
  } catch {
    throw unreadable('is not an ONNX file with the metadata of an SSD Studio detector');
  }
}

/** A whole picture at the network's input size: [height, width, 3], RGB 0..255. */
export function rawPixels(image: RgbImage, input: OnnxModel['input']): Float32Array {
  const pixels = new Float32Array(input.width * input.height * 3);
  warp(image, image, wholePicture(image), input, RAW_PIXELS, pixels);
  return pixels;
}

/** [1, 3, height, width] RGB 0..255: what the exported graph takes. */
export function toPlanes(pixels: Float32Array, { width, height }: OnnxModel['input']): Float32Array {
  const plane = width * height;
  const planes = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) planes[c * plane + i] = pixels[3 * i + c];
  return planes;
}

/** One picture; a picture that cannot be read is reported in `problem`. */
export async function detectWithOnnx(model: OnnxModel, name: string, source: ImageSource): Promise<Prediction> {
  const { detector, input } = model;
  const start = performance.now();
  try {
    const image = await decodeRgb(source);
    const pixels = rawPixels(image, input);
    const { boxes, scores } = await detector.run(toPlanes(pixels, input), 1, input.height, input.width);
    const detections = selectDetections(scores, boxes, image, CAFFE_RULES);
    const milliseconds = performance.now() - start;
    return { name, width: image.width, height: image.height, detections, milliseconds, problem: null };
  } catch (error) {
    return {
      name,
      width: 0,
      height: 0,
      detections: [],
      milliseconds: performance.now() - start,
      problem: reasonOf(error),
    };
  }
}
