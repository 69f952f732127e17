/** Builds the layer list of a network: each method appends one layer and returns its name, to be the next one's input. */
import type { ActivationLayer, ConvolutionLayer, Layer, Pair } from './description';

export interface ConvolutionOptions {
  readonly kernel?: number | Pair;
  readonly stride?: number;
  readonly padding?: number | Pair;
  readonly dilation?: number;
  readonly bias?: boolean;
  readonly initializer?: ConvolutionLayer['initializer'];
}

const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

export class LayerList {
  readonly layers: Layer[] = [];

  convolution(name: string, input: string, filters: number, options: ConvolutionOptions = {}): string {
    return this.add({ ...this.kernel(name, input, filters, options), depthwise: false });
  }

  depthwise(name: string, input: string, filters: number, options: ConvolutionOptions = {}): string {
    return this.add({ ...this.kernel(name, input, filters, options), depthwise: true });
  }

  batchNorm(name: string, input: string, momentum = 0.1, epsilon = 1e-5): string {
    return this.add({ op: 'batchNorm', name, input, momentum, epsilon });
  }

  activation(name: string, input: string, kind: ActivationLayer['kind'] = 'relu'): string {
    return this.add({ op: 'activation', name, input, kind });
  }

  maxPool(name: string, input: string, kernel: number, stride: number, padding: number, ceil: boolean): string {
    return this.add({ op: 'maxPool', name, input, kernel, stride, padding, ceil });
  }

  l2Norm(name: string, input: string, initialScale: number): string {
    return this.add({ op: 'l2Norm', name, input, initialScale });
  }

  concat(name: string, inputs: readonly string[]): string {
    return this.add({ op: 'concat', name, inputs });
  }

  scaledAdd(name: string, scaled: string, shortcut: string, scale: number): string {
    return this.add({ op: 'scaledAdd', name, inputs: [scaled, shortcut], scale });
  }

  globalAveragePool(name: string, input: string): string {
    return this.add({ op: 'globalAveragePool', name, input });
  }

  multiply(name: string, map: string, gate: string): string {
    return this.add({ op: 'multiply', name, inputs: [map, gate] });
  }

  /** Bilinear, align corners, to the size of `like`. */
  resize(name: string, input: string, like: string): string {
    return this.add({ op: 'resize', name, input, like });
  }

  private kernel(name: string, input: string, filters: number, options: ConvolutionOptions) {
    return {
      op: 'convolution' as const,
      name,
      input,
      filters,
      kernel: pair(options.kernel ?? 1),
      stride: options.stride ?? 1,
      padding: pair(options.padding ?? 0),
      dilation: options.dilation ?? 1,
      bias: options.bias ?? true,
      initializer: options.initializer ?? ('xavierUniform' as const),
    };
  }

  private add(layer: Layer): string {
    this.layers.push(layer);
    return layer.name;
  }
}
