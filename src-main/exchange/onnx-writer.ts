/**
 * A trained detector as one ONNX file that needs nothing of ours: pixels in, decoded boxes and class probabilities out.
 *
 * `image` [N, 3, H, W] float32 RGB 0..255, already resized to H x W -> `boxes` [N, P, 4] x1 y1 x2 y2 as fractions of the
 * picture, `scores` [N, P, C] softmax with background at index 0. Non-maximum suppression is left to the caller, because
 * runtimes differ in it; its thresholds are in the metadata.
 */
import type { NetworkDescription, Preprocessing } from '@core/network/description';
import { MAX_LOG_SIZE } from '@core/priors/coder';
import { boxColumns, type DetectorToExport, graphMetadata, titleOf } from './detector';
import { OnnxGraph, OPSET } from './onnx-graph';
import { addLayer, NETWORK_INPUT } from './onnx-layers';

export function writeOnnx(detector: DetectorToExport): Uint8Array {
  const { network, defaultBoxes } = detector;
  const { width, height } = network.input;
  const boxes = defaultBoxes.length / 4;
  const graph = new OnnxGraph();

  graph.input(
    'image',
    ['N', 3, height, width],
    'RGB, 0..255, resized (without keeping the aspect ratio) to the input size',
  );
  preprocess(graph, network.preprocessing);
  for (const layer of network.layers) addLayer(graph, layer, detector.weights, network);
  const offsets = flattenHeads(graph, 'localisation', network, 4);
  const logits = flattenHeads(graph, 'confidence', network, network.classes);
  decode(graph, offsets, defaultBoxes, detector.configuration.variances);
  graph.node('Softmax', [logits], 'scores', { axis: 2 });
  graph.output('boxes', ['N', boxes, 4], 'x1 y1 x2 y2 as fractions of the picture, not clipped');
  graph.output('scores', ['N', boxes, network.classes], 'class probabilities; index 0 is background');

  const doc = `${titleOf(detector)} (opset ${OPSET})`;
  return graph.encode(network.architecture, doc, graphMetadata(detector, 'NCHW'), detector.version);
}

function preprocess(graph: OnnxGraph, { channelOrder, mean, std }: Preprocessing): void {
  let pixels = 'image';
  if (channelOrder === 'bgr')
    pixels = graph.node('Gather', [pixels, graph.integers('bgr', [2, 1, 0])], 'image.bgr', { axis: 1 });
  const centred = graph.node(
    'Sub',
    [pixels, graph.floats('mean', [1, 3, 1, 1], Float32Array.from(mean))],
    'image.centred',
  );
  graph.node('Div', [centred, graph.floats('std', [1, 3, 1, 1], Float32Array.from(std))], NETWORK_INPUT);
}

/** Heads [N, k*size, H, W] -> [N, P, size]: rows, columns, boxes of a cell; source after source (SPEC.md 2.3). */
function flattenHeads(
  graph: OnnxGraph,
  head: 'localisation' | 'confidence',
  network: NetworkDescription,
  size: number,
): string {
  const shape = graph.integers(`${head}.shape`, [0, -1, size]);
  const flat = network.sources.map((source, k) => {
    const last = graph.node('Transpose', [source[head]], `${head}.${k}.nhwc`, { perm: [0, 2, 3, 1] });
    return graph.node('Reshape', [last, shape], `${head}.${k}.flat`);
  });
  return graph.node('Concat', flat, head, { axis: 1 });
}

/** centre = prior + variance * offset * size; size = prior * exp(variance * offset) (SPEC.md 3). */
function decode(
  graph: OnnxGraph,
  offsets: string,
  defaultBoxes: Float32Array,
  [centre, size]: readonly [number, number],
): void {
  const count = defaultBoxes.length / 4;
  const part = (name: string, from: number): string =>
    graph.node(
      'Slice',
      [
        offsets,
        graph.integers(`${name}.from`, [from]),
        graph.integers(`${name}.to`, [from + 2]),
        graph.integers(`${name}.axis`, [2]),
      ],
      name,
    );
  const priorCentres = graph.floats('priors.centre', [1, count, 2], boxColumns(defaultBoxes, 0, 1));
  const centreSteps = graph.floats('priors.step', [1, count, 2], boxColumns(defaultBoxes, 2, centre));
  const halfSizes = graph.floats('priors.half', [1, count, 2], boxColumns(defaultBoxes, 2, 0.5));

  const shift = graph.node('Mul', [part('offsets.centre', 0), centreSteps], 'boxes.shift');
  const centres = graph.node('Add', [priorCentres, shift], 'boxes.centre');
  const variance = graph.floats('variance.size', [1], Float32Array.of(size));
  const limit = graph.floats('size.limit', [1], Float32Array.of(MAX_LOG_SIZE));
  const logSize = graph.node(
    'Min',
    [graph.node('Mul', [part('offsets.size', 2), variance], 'boxes.log'), limit],
    'boxes.limited',
  );
  const half = graph.node('Mul', [graph.node('Exp', [logSize], 'boxes.exp'), halfSizes], 'boxes.half');
  const low = graph.node('Sub', [centres, half], 'boxes.low');
  const high = graph.node('Add', [centres, half], 'boxes.high');
  graph.node('Concat', [low, high], 'boxes', { axis: 2 });
}
