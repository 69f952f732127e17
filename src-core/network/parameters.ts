/** Every tensor that a network learns or keeps, by the name and shape that PyTorch weight files give it. */
import type { Layer, NetworkDescription } from './description';
import { inferShapes } from './shapes';

export type ParameterKind = 'kernel' | 'bias' | 'batchNorm' | 'scale' | 'runningMean' | 'runningVariance';

export interface Parameter {
  /** `<layer>.weight`, `.bias`, `.running_mean` or `.running_var`. */
  readonly name: string;
  readonly layer: string;
  readonly kind: ParameterKind;
  /** Kernels [out, in, height, width], depthwise [channels, 1, height, width]; all else [channels]. */
  readonly shape: readonly number[];
  /** False for the running statistics of batch norms, which no gradient moves. */
  readonly trainable: boolean;
}

/** In the order of the layers; within a layer weight, bias, running_mean, running_var. */
export function parameters(description: NetworkDescription): Parameter[] {
  const shapes = inferShapes(description);
  return description.layers.flatMap((layer) => {
    const channels = 'input' in layer ? shapes.get(layer.input)!.channels : 0;
    return layerParameters(layer, channels);
  });
}

function layerParameters(layer: Layer, inputChannels: number): Parameter[] {
  const parameter = (suffix: string, kind: ParameterKind, shape: readonly number[], trainable = true): Parameter => ({
    name: `${layer.name}.${suffix}`,
    layer: layer.name,
    kind,
    shape,
    trainable,
  });
  switch (layer.op) {
    case 'convolution': {
      const [height, width] = layer.kernel;
      const kernel = [layer.filters, layer.depthwise ? 1 : inputChannels, height, width];
      const weight = parameter('weight', 'kernel', kernel);
      return layer.bias ? [weight, parameter('bias', 'bias', [layer.filters])] : [weight];
    }
    case 'batchNorm': {
      const shape = [inputChannels];
      return [
        parameter('weight', 'batchNorm', shape),
        parameter('bias', 'batchNorm', shape),
        parameter('running_mean', 'runningMean', shape, false),
        parameter('running_var', 'runningVariance', shape, false),
      ];
    }
    case 'l2Norm':
      return [parameter('weight', 'scale', [inputChannels])];
    default:
      return [];
  }
}

export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Numbers that training adjusts; running statistics are not among them. */
export function countParameters(description: NetworkDescription): number {
  return parameters(description)
    .filter((parameter) => parameter.trainable)
    .reduce((sum, parameter) => sum + elements(parameter.shape), 0);
}
