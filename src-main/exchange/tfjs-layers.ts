/** The layers of a NetworkDescription as TensorFlow operators, NHWC, names kept. */
import type { BatchNormLayer, ConvolutionLayer, L2NormLayer, Layer, MaxPoolLayer } from '@core/network/description';
import type { Parameter } from '@core/network/parameters';
import type { MapShape } from '@core/network/shapes';
import { fromFileLayout } from '../engine/executor-parameters';
import { convolutionPadding, type Padding, poolPadding, type Shape4D } from '../engine/kernels';
import { LOWEST } from '../engine/kernels-portable';
import { requireWeight, type WeightMap } from './detector';
import { attribute, type TfjsGraph } from './tfjs-graph';

/** The preprocessed picture, which the description calls 'input'. */
export const NETWORK_INPUT = 'preprocessed';

export interface LayerContext {
  readonly graph: TfjsGraph;
  readonly weights: WeightMap;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Of every layer's output, 'input' included. */
  readonly shapes: ReadonlyMap<string, MapShape>;
}

/** Adds one layer; its inputs are already in the graph. */
export function addLayer(context: LayerContext, layer: Layer): void {
  const { graph, weights } = context;
  switch (layer.op) {
    case 'convolution':
      return convolution(context, layer);
    case 'batchNorm':
      return batchNorm(context, layer);
    case 'activation':
      return activation(graph, layer.kind, named(layer.input), layer.name);
    case 'maxPool':
      return maxPool(context, layer);
    case 'l2Norm':
      return l2Norm(graph, layer, weights);
    case 'scaledAdd': {
      const [branch, shortcut] = layer.inputs.map(named);
      const scale = () => scalar(graph, `${layer.name}/scale`, layer.scale);
      const scaled = layer.scale === 1 ? branch : graph.node('Mul', [branch, scale()], `${layer.name}/scaled`);
      graph.node('AddV2', [scaled, shortcut], layer.name);
      return;
    }
    case 'concat':
      concat(graph, layer.inputs.map(named), layer.name, 3);
      return;
    case 'resize': {
      const { height, width } = context.shapes.get(layer.name)!;
      const size = graph.integers(`${layer.name}/size`, [height, width]);
      const attributes = { align_corners: attribute.flag(true), half_pixel_centers: attribute.flag(false) };
      graph.node('ResizeBilinear', [named(layer.input), size], layer.name, attributes);
      return;
    }
    case 'globalAveragePool': {
      const axes = graph.integers(`${layer.name}/axes`, [1, 2]);
      graph.node('Mean', [named(layer.input), axes], layer.name, REDUCED);
      return;
    }
    case 'multiply':
      graph.node('Mul', layer.inputs.map(named), layer.name);
      return;
    default: {
      const unknown: never = layer;
      throw new Error(`no TensorFlow operator for layer ${JSON.stringify(unknown)}`);
    }
  }
}

const INDEX = attribute.type('DT_INT32');
const REDUCED = { keep_dims: attribute.flag(true), Tidx: INDEX };

const named = (name: string): string => (name === 'input' ? NETWORK_INPUT : name);

const scalar = (graph: TfjsGraph, name: string, value: number): string =>
  graph.floats(name, [], Float32Array.of(value));

export function concat(graph: TfjsGraph, inputs: readonly string[], name: string, axis: number): string {
  const along = graph.integers(`${name}/axis`, axis);
  return graph.node('ConcatV2', [...inputs, along], name, { N: attribute.count(inputs.length), Tidx: INDEX });
}

function convolution(context: LayerContext, layer: ConvolutionLayer): void {
  const { graph, weights } = context;
  const padding = convolutionPadding(inputShape(context, layer.input), layer.kernel, layer);
  const input = padded(graph, named(layer.input), layer.name, padding, 0);
  const kernel = kernelOf(context, layer);
  const op = layer.depthwise ? 'DepthwiseConv2dNative' : 'Conv2D';
  graph.node(op, [input, kernel], layer.bias ? `${layer.name}/linear` : layer.name, {
    strides: attribute.counts([1, layer.stride, layer.stride, 1]),
    dilations: attribute.counts([1, layer.dilation, layer.dilation, 1]),
    padding: attribute.text(padding.kind === 'SAME' ? 'SAME' : 'VALID'),
    data_format: attribute.text('NHWC'),
  });
  if (!layer.bias) return;
  const bias = requireWeight(weights, `${layer.name}.bias`);
  graph.node('BiasAdd', [`${layer.name}/linear`, graph.floats(bias.name, bias.shape, bias.values)], layer.name, {
    data_format: attribute.text('NHWC'),
  });
}

/** [height, width, in, out], depthwise [height, width, channels, 1]; files have [out, in, height, width]. */
function kernelOf({ graph, weights, parameters }: LayerContext, { name, depthwise }: ConvolutionLayer): string {
  const { values, shape } = requireWeight(weights, `${name}.weight`);
  const [out, input, height, width] = shape;
  const parameter = parameters.get(`${name}.weight`)!;
  const kernel = depthwise ? [height, width, out, 1] : [height, width, input, out];
  return graph.floats(`${name}.weight`, kernel, fromFileLayout(values, { parameter }));
}

function inputShape({ shapes }: LayerContext, name: string): Shape4D {
  const { height, width, channels } = shapes.get(name)!;
  return [1, height, width, channels];
}

/** TensorFlow's convolutions know no padding but SAME: any other is an operator of its own. */
function padded(graph: TfjsGraph, input: string, name: string, padding: Padding, value: number): string {
  if (padding.kind !== 'EXPLICIT') return input;
  const paddings = graph.integers(`${name}/paddings`, [[0, 0], padding.vertical, padding.horizontal, [0, 0]]);
  const attributes = { Tpaddings: INDEX };
  if (value === 0) return graph.node('Pad', [input, paddings], `${name}/padded`, attributes);
  const filler = scalar(graph, `${name}/filler`, value);
  return graph.node('PadV2', [input, paddings, filler], `${name}/padded`, attributes);
}

function maxPool(context: LayerContext, layer: MaxPoolLayer): void {
  const { graph } = context;
  const padding = poolPadding(inputShape(context, layer.input), layer);
  const input = padded(graph, named(layer.input), layer.name, padding, LOWEST);
  graph.node('MaxPool', [input], layer.name, {
    ksize: attribute.counts([1, layer.kernel, layer.kernel, 1]),
    strides: attribute.counts([1, layer.stride, layer.stride, 1]),
    padding: attribute.text(padding.kind === 'SAME' ? 'SAME' : 'VALID'),
    data_format: attribute.text('NHWC'),
  });
}

function batchNorm({ graph, weights }: LayerContext, { name, input, epsilon }: BatchNormLayer): void {
  const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => {
    const { shape, values } = requireWeight(weights, `${name}.${part}`);
    return graph.floats(`${name}.${part}`, shape, values);
  });
  graph.node('FusedBatchNormV3', [named(input), ...parts], name, {
    U: attribute.type('DT_FLOAT'),
    epsilon: attribute.float(epsilon),
    is_training: attribute.flag(false),
    data_format: attribute.text('NHWC'),
  });
}

/** relu6(x + 3) / 6 is the hard sigmoid, x times it the hard swish (Howard et al. 2019). */
function activation(
  graph: TfjsGraph,
  kind: 'relu' | 'relu6' | 'hardSwish' | 'hardSigmoid',
  input: string,
  name: string,
) {
  if (kind === 'relu' || kind === 'relu6') {
    graph.node(kind === 'relu' ? 'Relu' : 'Relu6', [input], name);
    return;
  }
  const shifted = graph.node('AddV2', [input, scalar(graph, `${name}/three`, 3)], `${name}/shifted`);
  const limited = graph.node('Relu6', [shifted], `${name}/limited`);
  const sixth = scalar(graph, `${name}/sixth`, 1 / 6);
  const gate = graph.node('Mul', [limited, sixth], kind === 'hardSigmoid' ? name : `${name}/gate`);
  if (kind === 'hardSwish') graph.node('Mul', [input, gate], name);
}

/** g * x / sqrt(sum x^2 + 1e-10), Caffe's form (SPEC.md 1.4). */
function l2Norm(graph: TfjsGraph, { name, input }: L2NormLayer, weights: WeightMap): void {
  const x = named(input);
  const gain = requireWeight(weights, `${name}.weight`);
  const square = graph.node('Mul', [x, x], `${name}/square`);
  const axis = graph.integers(`${name}/axis`, [3]);
  const sum = graph.node('Sum', [square, axis], `${name}/sum`, REDUCED);
  const guarded = graph.node('AddV2', [sum, scalar(graph, `${name}/epsilon`, 1e-10)], `${name}/guarded`);
  const unit = graph.node('Mul', [x, graph.node('Rsqrt', [guarded], `${name}/inverse`)], `${name}/unit`);
  graph.node('Mul', [unit, graph.floats(`${name}.weight`, [gain.values.length], gain.values)], name);
}
