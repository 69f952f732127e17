/** A trained detector as the writers take it, and what every format says beside the graph. */
import type { DetectionRules } from '@core/priors/detections';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { NetworkDescription } from '@core/network/description';
import type { NamedTensor } from '../engine/executor-parameters';

export type WeightMap = ReadonlyMap<string, NamedTensor>;

export interface DetectorToExport {
  readonly network: NetworkDescription;
  readonly weights: WeightMap;
  readonly configuration: DefaultBoxConfiguration;
  /** Default boxes [P, 4] centre form (cx, cy, w, h), Unit, clipped as the configuration says. */
  readonly defaultBoxes: Float32Array;
  /** Without background. */
  readonly classNames: readonly string[];
  readonly detection: Pick<DetectionRules, 'scoreThreshold' | 'iouThreshold' | 'perClass' | 'perImage' | 'pixels'>;
  /** Of SSD Studio. */
  readonly version: string;
}

/** Throws an Error naming the weight that the network needs and the map lacks. */
export function requireWeight(weights: WeightMap, name: string): NamedTensor {
  const weight = weights.get(name);
  if (!weight) throw new Error(`the network needs the weight "${name}", which is not in the checkpoint`);
  return weight;
}

/** What an exported graph is, in a line. */
export const titleOf = ({ network, classNames }: DetectorToExport): string =>
  `${network.architecture} detector of ${classNames.length} classes, exported by SSD Studio`;

/** What a reader of a graph needs and the graph does not say, as JSON under plain keys. */
export function graphMetadata(detector: DetectorToExport, layout: 'NCHW' | 'NHWC'): Record<string, string> {
  const { network, configuration, classNames, detection } = detector;
  return {
    architecture: network.architecture,
    classes: JSON.stringify(['background', ...classNames]),
    input: JSON.stringify({
      ...network.input,
      layout,
      channels: 'RGB',
      range: [0, 255],
      resize: 'bilinear, aspect ratio not kept',
    }),
    preprocessing: JSON.stringify({ inGraph: true, ...network.preprocessing }),
    default_boxes: JSON.stringify(configuration),
    default_boxes_order: configuration.extraBoxLast
      ? 'source, row, column; in a cell: min, each aspect ratio and its reciprocal, then sqrt(min*max)'
      : 'source, row, column; in a cell: min, sqrt(min*max), then each aspect ratio and its reciprocal',
    boxes: 'decoded in the graph: x1 y1 x2 y2 as fractions of the picture; not clipped',
    postprocessing: JSON.stringify({
      perClass: true,
      scoreThreshold: detection.scoreThreshold,
      nmsThreshold: detection.iouThreshold,
      pixels: detection.pixels,
      topK: detection.perImage,
      perClassTopK: detection.perClass,
    }),
  };
}

/** Columns of the default boxes, two by two, times `scale`: [P, 2] from the columns `from` and `from` + 1. */
export function boxColumns(defaultBoxes: Float32Array, from: 0 | 2, scale: number): Float32Array {
  return Float32Array.from(
    { length: defaultBoxes.length / 2 },
    (_, i) => defaultBoxes[(i >> 1) * 4 + from + (i & 1)] * scale,
  );
}
