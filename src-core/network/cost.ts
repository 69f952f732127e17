/** What a network costs to run, and how much of the picture each source sees. */
import type { Layer, NetworkDescription } from './description';
import { inferShapes } from './shapes';

/** Floating-point operations for one picture: two per multiply-add of the convolutions, beside which the rest is small. */
export function flops(description: NetworkDescription): number {
  const shapes = inferShapes(description);
  return description.layers.reduce((sum, layer) => {
    if (layer.op !== 'convolution') return sum;
    const output = shapes.get(layer.name)!;
    const inputs = layer.depthwise ? 1 : shapes.get(layer.input)!.channels;
    return sum + 2 * output.height * output.width * output.channels * inputs * layer.kernel[0] * layer.kernel[1];
  }, 0);
}

/** Input pixels, per axis, that one cell of a map depends on, and the input pixels from one cell to the next. */
export interface ReceptiveField {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

/** The theoretical receptive field of each source's feature map, before its predictor; the largest over all paths. */
export function receptiveFields(description: NetworkDescription): ReceptiveField[] {
  const fields = layerFields(description);
  return description.sources.map((source) => fields.get(source.feature)!);
}

/** Of every layer by name, 'input' included. */
export function layerFields(description: NetworkDescription): ReadonlyMap<string, ReceptiveField> {
  const fields = new Map<string, ReceptiveField>([['input', { width: 1, height: 1, stride: 1 }]]);
  for (const layer of description.layers) fields.set(layer.name, fieldAfter(layer, fields, description.input));
  return fields;
}

function fieldAfter(
  layer: Layer,
  fields: ReadonlyMap<string, ReceptiveField>,
  picture: NetworkDescription['input'],
): ReceptiveField {
  const inputs = 'inputs' in layer ? layer.inputs : [layer.input];
  const before = inputs.map((name) => fields.get(name)!).reduce(larger);
  switch (layer.op) {
    case 'convolution':
      return {
        height: before.height + (layer.kernel[0] - 1) * layer.dilation * before.stride,
        width: before.width + (layer.kernel[1] - 1) * layer.dilation * before.stride,
        stride: before.stride * layer.stride,
      };
    case 'maxPool': {
      const growth = (layer.kernel - 1) * before.stride;
      return { height: before.height + growth, width: before.width + growth, stride: before.stride * layer.stride };
    }
    case 'resize':
      // Bilinear: two neighbours per axis of the source map; the grid becomes that of `like`.
      return {
        height: before.height + before.stride,
        width: before.width + before.stride,
        stride: fields.get(layer.like)!.stride,
      };
    case 'globalAveragePool':
      return { ...picture, stride: Math.max(picture.width, picture.height) };
    case 'multiply':
      // The gate sees the whole picture, but says the same to every cell.
      return fields.get(layer.inputs[0])!;
    default:
      return before;
  }
}

const larger = (a: ReceptiveField, b: ReceptiveField): ReceptiveField => ({
  width: Math.max(a.width, b.width),
  height: Math.max(a.height, b.height),
  stride: Math.max(a.stride, b.stride),
});
