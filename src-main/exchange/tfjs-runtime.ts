/**
 * TensorFlow.js graph models run by tfjs-converter's own reader on WebAssembly: the independent reader that exports are
 * checked against. It shares the numerical library with the studio and nothing of the executor, nor of what is in the file.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { openEngine } from '../engine/engines';
import type { DetectorOutput } from './detector-output';

type Converter = typeof import('@tensorflow/tfjs-converter');

async function loadConverter(): Promise<Converter> {
  const loaded = (await import('@tensorflow/tfjs-converter')) as Converter & { default?: Converter };
  return loaded.default ?? loaded;
}

/** One loaded model; `close` frees its weights. Throws what tfjs says when it cannot read the folder. */
export class TfjsDetector {
  private constructor(
    private readonly model: GraphModel,
    readonly runtimeName: string,
  ) {}

  /** Makes WebAssembly the current tfjs backend. */
  static async open(folder: string): Promise<TfjsDetector> {
    await openEngine('wasm');
    const { loadGraphModel, version_converter: version } = await loadConverter();
    const model = await loadGraphModel({ load: () => readModel(folder) });
    return new TfjsDetector(model, `TensorFlow.js ${version} on WebAssembly`);
  }

  /** @param images float32 [N, height, width, 3], RGB 0..255. */
  async run(images: Float32Array, count: number, height: number, width: number): Promise<DetectorOutput> {
    const image = tf.tensor(images, [count, height, width, 3], 'float32');
    const { boxes, scores } = this.model.predict({ image }) as tf.NamedTensorMap;
    const output = { boxes: await values(boxes), scores: await values(scores) };
    tf.dispose([image, boxes, scores]);
    return output;
  }

  close(): void {
    this.model.dispose();
  }
}

const values = async (tensor: tf.Tensor): Promise<Float32Array> => (await tensor.data<'float32'>()).slice();

/** Through tfjs's own reading of model.json; only the files are fetched by us. Throws when the manifest names a path. */
async function readModel(folder: string): Promise<tf.io.ModelArtifacts> {
  const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const names = manifest.flatMap(({ paths }) => paths);
    const foreign = names.find((name) => name !== basename(name));
    if (foreign !== undefined) throw new Error(`model.json names the weight file ${foreign} outside its folder`);
    const shards = await Promise.all(names.map((name) => readFile(join(folder, name))));
    const data = Buffer.concat(shards);
    return [tf.io.getWeightSpecs(manifest), new Uint8Array(data).buffer];
  });
}
