/**
 * A trained detector as a TensorFlow.js graph model that needs nothing of ours: pixels in, decoded boxes and class
 * probabilities out.
 *
 * `image` [N, H, W, 3] float32 RGB 0..255, already resized to H x W -> `boxes` [N, P, 4] x1 y1 x2 y2 as fractions of the
 * picture, `scores` [N, P, C] softmax with background at index 0: the same as the ONNX file's, but for the layout of `image`.
 */
import type { Preprocessing } from '@core/network/description';
import { parameters } from '@core/network/parameters';
import { inferShapes } from '@core/network/shapes';
import { MAX_LOG_SIZE } from '@core/priors/coder';
import { boxColumns, type DetectorToExport, graphMetadata, titleOf } from './detector';
import { attribute, SHARD_NAME, TfjsGraph } from './tfjs-graph';
import { addLayer, concat, type LayerContext, NETWORK_INPUT } from './tfjs-layers';
import type { NamedFile } from './write-folder';

/** Whether a file of this name in a folder belongs to a model as written here. */
export const isTfjsFile = (name: string): boolean => name === 'model.json' || SHARD_NAME.test(name);

/** model.json first, then the weight files that it names, each of 4 MB at most. */
export function writeTfjs(detector: DetectorToExport): NamedFile[] {
  const { network, defaultBoxes, weights } = detector;
  const { width, height } = network.input;
  const boxes = defaultBoxes.length / 4;
  const graph = new TfjsGraph();
  const context: LayerContext = {
    graph,
    weights,
    parameters: new Map(parameters(network).map((parameter) => [parameter.name, parameter])),
    shapes: inferShapes(network),
  };

  graph.input('image', [-1, height, width, 3]);
  preprocess(graph, network.preprocessing);
  for (const layer of network.layers) addLayer(context, layer);
  const offsets = flattenHeads(context, detector, 'localisation', 4);
  const logits = flattenHeads(context, detector, 'confidence', network.classes);
  decode(graph, offsets, detector);
  graph.node('Softmax', [logits], 'scores');
  graph.output('boxes', [-1, boxes, 4]);
  graph.output('scores', [-1, boxes, network.classes]);
  return graph.encode(`SSD Studio ${detector.version}`, {
    description: titleOf(detector),
    ...graphMetadata(detector, 'NHWC'),
  });
}

function preprocess(graph: TfjsGraph, { channelOrder, mean, std }: Preprocessing): void {
  let pixels = 'image';
  if (channelOrder === 'bgr') {
    const channels = graph.integers('image/channels', [3]);
    pixels = graph.node('ReverseV2', [pixels, channels], 'image/bgr', { Tidx: attribute.type('DT_INT32') });
  }
  const centred = graph.node('Sub', [pixels, graph.floats('mean', [3], Float32Array.from(mean))], 'image/centred');
  graph.node('RealDiv', [centred, graph.floats('std', [3], Float32Array.from(std))], NETWORK_INPUT);
}

/** Heads [N, H, W, k*size] -> [N, P, size]: rows, columns, boxes of a cell; source after source (SPEC.md 2.3). */
function flattenHeads(
  { graph, shapes }: LayerContext,
  { network }: DetectorToExport,
  head: 'localisation' | 'confidence',
  size: number,
): string {
  const flat = network.sources.map((source, k) => {
    const { height, width } = shapes.get(source[head])!;
    const shape = graph.integers(`${head}/${k}/shape`, [-1, height * width * source.boxesPerCell, size]);
    const attributes = { Tshape: attribute.type('DT_INT32') };
    return graph.node('Reshape', [source[head], shape], `${head}/${k}`, attributes);
  });
  return concat(graph, flat, head, 1);
}

/** centre = prior + variance * offset * size; size = prior * exp(variance * offset) (SPEC.md 3). */
function decode(graph: TfjsGraph, offsets: string, { defaultBoxes, configuration }: DetectorToExport): void {
  const [centre, size] = configuration.variances;
  const shape = [1, defaultBoxes.length / 4, 2];
  const columns = (name: string, from: 0 | 2, scale: number): string =>
    graph.floats(name, shape, boxColumns(defaultBoxes, from, scale));
  const part = (name: string, from: 0 | 2): string => {
    const inputs = [
      offsets,
      graph.integers(`${name}/begin`, [0, 0, from]),
      graph.integers(`${name}/size`, [-1, -1, 2]),
    ];
    return graph.node('Slice', inputs, name, { Index: attribute.type('DT_INT32') });
  };
  const steps = columns('priors/step', 2, centre);
  const shift = graph.node('Mul', [part('offsets/centre', 0), steps], 'boxes/shift');
  const centres = graph.node('AddV2', [columns('priors/centre', 0, 1), shift], 'boxes/centre');
  const variance = graph.floats('variance/size', [], Float32Array.of(size));
  const limit = graph.floats('size/limit', [], Float32Array.of(MAX_LOG_SIZE));
  const logarithm = graph.node('Mul', [part('offsets/size', 2), variance], 'boxes/log');
  const limited = graph.node('Minimum', [logarithm, limit], 'boxes/limited');
  const half = graph.node(
    'Mul',
    [graph.node('Exp', [limited], 'boxes/exp'), columns('priors/half', 2, 0.5)],
    'boxes/half',
  );
  const low = graph.node('Sub', [centres, half], 'boxes/low');
  const high = graph.node('AddV2', [centres, half], 'boxes/high');
  concat(graph, [low, high], 'boxes', 2);
}
