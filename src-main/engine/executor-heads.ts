/** Between the maps that predict and one row per default box, and back for gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@core/network/description';

/** Raw predictions, one row per default box: offsets [N, P, 4] and class scores before softmax [N, P, C]. */
export type RawOutput = {
  readonly localisation: Tensor3D;
  readonly confidence: Tensor3D;
};

/** Heads [N, h, w, k·C] to [N, h·w·k, C], source after source: the order of the default boxes. */
export function joinHeads({ sources, classes }: NetworkDescription, maps: ReadonlyMap<string, Tensor4D>): RawOutput {
  const rows = (name: string, columns: number) => {
    const head = maps.get(name)!;
    return tf.reshape(head, [head.shape[0], -1, columns]) as Tensor3D;
  };
  return {
    localisation: tf.concat(
      sources.map((source) => rows(source.localisation, 4)),
      1,
    ),
    confidence: tf.concat(
      sources.map((source) => rows(source.confidence, classes)),
      1,
    ),
  };
}

/** The reverse of `joinHeads`, for gradients: of the outputs in, of the heads out, by layer. */
export function splitHeads(
  { sources }: NetworkDescription,
  maps: ReadonlyMap<string, Tensor4D>,
  { localisation, confidence }: RawOutput,
): Map<string, Tensor4D> {
  const flowing = new Map<string, Tensor4D>();
  const spread = (gradient: Tensor3D, head: (i: number) => string) => {
    const [batch, , columns] = gradient.shape;
    const shapes = sources.map((_, i) => maps.get(head(i))!.shape);
    const rows = shapes.map((shape) => (shape[1] * shape[2] * shape[3]) / columns);
    tf.split(gradient, rows, 1).forEach((part, i) => {
      const [, height, width, channels] = shapes[i];
      flowing.set(head(i), tf.keep(tf.reshape(part, [batch, height, width, channels]) as Tensor4D));
    });
  };
  tf.tidy(() => {
    spread(localisation, (i) => sources[i].localisation);
    spread(confidence, (i) => sources[i].confidence);
  });
  return flowing;
}
