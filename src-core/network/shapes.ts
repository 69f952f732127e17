/** Sizes of every feature map, by the layer formula and never from a table (SPEC.md 2.6), and what follows from them. */
import type { Layer, NetworkDescription } from './description';

export interface MapShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A feature map would vanish, or layers that must agree in size do not: the input is too small for this network. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Output shape of every layer by name, 'input' included. Throws ShapeError. */
export function inferShapes(description: NetworkDescription): Map<string, MapShape> {
  const shapes = new Map<string, MapShape>([['input', { ...description.input, channels: 3 }]]);
  const of = (name: string): MapShape => {
    const shape = shapes.get(name);
    if (!shape) throw new Error(`layer ${name} is used before it is computed`);
    return shape;
  };
  for (const layer of description.layers) {
    if (shapes.has(layer.name)) throw new Error(`two layers are called ${layer.name}`);
    const shape = outputShape(layer, of);
    if (shape.height < 1 || shape.width < 1)
      throw new ShapeError(`nothing is left of the picture at layer ${layer.name}`);
    shapes.set(layer.name, shape);
  }
  return shapes;
}

function outputShape(layer: Layer, of: (name: string) => MapShape): MapShape {
  switch (layer.op) {
    case 'convolution': {
      const { height, width, channels } = of(layer.input);
      const size = (input: number, axis: 0 | 1) => {
        const extent = (layer.kernel[axis] - 1) * layer.dilation + 1;
        return Math.floor((input + 2 * layer.padding[axis] - extent) / layer.stride) + 1;
      };
      if (layer.depthwise && layer.filters !== channels) {
        throw new Error(`depthwise ${layer.name} has ${layer.filters} filters for ${channels} channels`);
      }
      return { height: size(height, 0), width: size(width, 1), channels: layer.filters };
    }
    case 'maxPool': {
      const { height, width, channels } = of(layer.input);
      const size = (input: number) => pooledSize(input, layer.kernel, layer.stride, layer.padding, layer.ceil);
      return { height: size(height), width: size(width), channels };
    }
    case 'concat': {
      const shapes = layer.inputs.map(of);
      shapes.forEach((shape) => requireSameSize(layer.name, shapes[0], shape));
      return { ...shapes[0], channels: shapes.reduce((sum, shape) => sum + shape.channels, 0) };
    }
    case 'scaledAdd': {
      const [scaled, shortcut] = layer.inputs.map(of);
      requireSameSize(layer.name, scaled, shortcut);
      if (scaled.channels !== shortcut.channels) throw new Error(`${layer.name} adds maps of different channels`);
      return scaled;
    }
    case 'resize':
      return { ...of(layer.like), channels: of(layer.input).channels };
    case 'globalAveragePool':
      return { height: 1, width: 1, channels: of(layer.input).channels };
    case 'multiply': {
      const [map, gate] = layer.inputs.map(of);
      if (gate.height !== 1 || gate.width !== 1 || gate.channels !== map.channels) {
        throw new Error(`the gate of ${layer.name} is not one factor per channel`);
      }
      return map;
    }
    case 'batchNorm':
    case 'activation':
    case 'l2Norm':
      return of(layer.input);
  }
}

/** Caffe drops a last window that would start in the padding; PyTorch too (SPEC.md 1.3). */
export function pooledSize(input: number, kernel: number, stride: number, padding: number, ceil: boolean): number {
  const steps = (input + 2 * padding - kernel) / stride;
  const size = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceil && (size - 1) * stride >= input + padding ? size - 1 : size;
}

function requireSameSize(name: string, a: MapShape, b: MapShape): void {
  if (a.height !== b.height || a.width !== b.width) {
    throw new ShapeError(`${name} joins maps of ${a.width} × ${a.height} and ${b.width} × ${b.height}`);
  }
}

/** The feature map of each source, in the order of the default boxes. */
export function sourceMaps(description: NetworkDescription): MapShape[] {
  const shapes = inferShapes(description);
  return description.sources.map((source) => shapes.get(source.feature)!);
}

/** Default boxes of the whole network: P of its outputs' shapes. */
export function countBoxes(description: NetworkDescription): number {
  const maps = sourceMaps(description);
  return description.sources.reduce((sum, source, i) => sum + maps[i].height * maps[i].width * source.boxesPerCell, 0);
}
