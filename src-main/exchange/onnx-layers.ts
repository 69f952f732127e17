/** The layers of a NetworkDescription as ONNX nodes, NCHW, names kept. Weights are OIHW float32, as everywhere in files. */
import type {
  BatchNormLayer,
  ConvolutionLayer,
  L2NormLayer,
  Layer,
  MaxPoolLayer,
  NetworkDescription,
} from '@core/network/description';
import { requireWeight, type WeightMap } from './detector';
import type { OnnxGraph } from './onnx-graph';

function initializer(graph: OnnxGraph, weights: WeightMap, name: string): string {
  const weight = requireWeight(weights, name);
  return graph.floats(name, weight.shape, weight.values);
}

function convolution(graph: OnnxGraph, layer: ConvolutionLayer, input: string, weights: WeightMap): void {
  const [vertical, horizontal] = layer.padding;
  const inputs = [input, initializer(graph, weights, `${layer.name}.weight`)];
  if (layer.bias) inputs.push(initializer(graph, weights, `${layer.name}.bias`));
  graph.node('Conv', inputs, layer.name, {
    kernel_shape: layer.kernel,
    strides: [layer.stride, layer.stride],
    pads: [vertical, horizontal, vertical, horizontal],
    dilations: [layer.dilation, layer.dilation],
    group: layer.depthwise ? layer.filters : 1,
  });
}

function batchNorm(graph: OnnxGraph, layer: BatchNormLayer, input: string, weights: WeightMap): void {
  const parameters = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    initializer(graph, weights, `${layer.name}.${part}`),
  );
  graph.node('BatchNormalization', [input, ...parameters], layer.name, { epsilon: { float: layer.epsilon } });
}

function maxPool(graph: OnnxGraph, layer: MaxPoolLayer, input: string): void {
  const p = layer.padding;
  graph.node('MaxPool', [input], layer.name, {
    kernel_shape: [layer.kernel, layer.kernel],
    strides: [layer.stride, layer.stride],
    pads: [p, p, p, p],
    ceil_mode: layer.ceil ? 1 : 0,
  });
}

/** g * x / sqrt(sum x^2 + 1e-10), Caffe's form (SPEC.md 1.4). */
function l2Norm(graph: OnnxGraph, layer: L2NormLayer, input: string, weights: WeightMap): void {
  const { name } = layer;
  const gain = requireWeight(weights, `${name}.weight`);
  const channels = gain.values.length;
  const square = graph.node('Mul', [input, input], `${name}.square`);
  const axis = graph.integers(`${name}.axis`, [1]);
  const sum = graph.node('ReduceSum', [square, axis], `${name}.sum`, { keepdims: 1 });
  const epsilon = graph.floats(`${name}.epsilon`, [1], Float32Array.of(1e-10));
  const norm = graph.node('Sqrt', [graph.node('Add', [sum, epsilon], `${name}.guarded`)], `${name}.norm`);
  const unit = graph.node('Div', [input, norm], `${name}.unit`);
  graph.node('Mul', [unit, graph.floats(`${name}.weight`, [1, channels, 1, 1], gain.values)], name);
}

const ACTIVATIONS = { relu: 'Relu', hardSwish: 'HardSwish' } as const;

/** Adds one layer; `input` and the other names it refers to are already in the graph. */
export function addLayer(graph: OnnxGraph, layer: Layer, weights: WeightMap, network: NetworkDescription): void {
  const named = (name: string): string => (name === 'input' ? NETWORK_INPUT : name);
  switch (layer.op) {
    case 'convolution':
      return convolution(graph, layer, named(layer.input), weights);
    case 'batchNorm':
      return batchNorm(graph, layer, named(layer.input), weights);
    case 'activation':
      if (layer.kind === 'relu6') {
        const [low, high] = [0, 6].map((v) => graph.floats(`${layer.name}.${v}`, [], Float32Array.of(v)));
        graph.node('Clip', [named(layer.input), low, high], layer.name);
      } else if (layer.kind === 'hardSigmoid') {
        graph.node('HardSigmoid', [named(layer.input)], layer.name, { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
      } else graph.node(ACTIVATIONS[layer.kind], [named(layer.input)], layer.name);
      return;
    case 'maxPool':
      return maxPool(graph, layer, named(layer.input));
    case 'l2Norm':
      return l2Norm(graph, layer, named(layer.input), weights);
    case 'scaledAdd': {
      const [branch, shortcut] = layer.inputs.map(named);
      const scale = graph.floats(`${layer.name}.scale`, [1], Float32Array.of(layer.scale));
      const scaled = layer.scale === 1 ? branch : graph.node('Mul', [branch, scale], `${layer.name}.scaled`);
      graph.node('Add', [scaled, shortcut], layer.name);
      return;
    }
    case 'concat':
      graph.node('Concat', layer.inputs.map(named), layer.name, { axis: 1 });
      return;
    case 'resize': {
      const size = graph.node('Shape', [named(layer.like)], `${layer.name}.size`, { start: 2 });
      const head = graph.node('Shape', [named(layer.input)], `${layer.name}.batch`, { start: 0, end: 2 });
      const sizes = graph.node('Concat', [head, size], `${layer.name}.sizes`, { axis: 0 });
      graph.node('Resize', [named(layer.input), '', '', sizes], layer.name, {
        mode: 'linear',
        coordinate_transformation_mode: 'align_corners',
      });
      return;
    }
    case 'globalAveragePool':
      graph.node('GlobalAveragePool', [named(layer.input)], layer.name);
      return;
    case 'multiply':
      graph.node('Mul', layer.inputs.map(named), layer.name);
      return;
    default: {
      const unknown: never = layer;
      throw new Error(`${network.architecture}: no ONNX operator for layer ${JSON.stringify(unknown)}`);
    }
  }
}

/** The preprocessed picture, which the description calls 'input'. */
export const NETWORK_INPUT = 'preprocessed';
