/**
 * How much of its receptive field a cell really uses: the effective receptive field of Luo, Li, Urtasun and Zemel, "Understanding
 * the Effective Receptive Field in Deep Convolutional Neural Networks" (NIPS 2016), from the description alone.
 *
 * With independent random weights of mean zero the gradient of a cell by an input pixel has mean zero, and its expected square
 * g(x) follows from layer to layer: a convolution spreads it evenly over its k taps, which lie `dilation * stride so far` pixels
 * apart; a maximum passes it to one of its k inputs, each as likely. So g is the distribution of a sum of independent steps, a
 * Gaussian in the limit, and per axis its variance is the sum of ((k^2 - 1) / 12) (dilation * stride so far)^2. Where branches meet,
 * g is their mixture: by channels in a concatenation, by the squares of the factors in a sum. Weights are taken to keep the total
 * of g (He's initialisation behind ReLU does); activations, norms and gates do not move it.
 * Trained weights give another field, often a larger one: this is where training starts.
 */
import type { Layer, NetworkDescription } from './description';
import { inferShapes, type MapShape } from './shapes';

/** Along one axis, in pixels of the network input. */
interface Spread {
  /** Middle of the field of cell 0; 0.5 is the middle of the first pixel. */
  readonly start: number;
  readonly variance: number;
  /** From one cell to the next. */
  readonly stride: number;
}

interface Spreads {
  readonly x: Spread;
  readonly y: Spread;
  /** Total of g of one cell and channel. */
  readonly total: number;
}

export interface EffectiveField {
  /** Standard deviations of g; the Gaussian has 95 % of each axis within two of them. */
  readonly sigmaX: number;
  readonly sigmaY: number;
  /** Middle of the fields of the map's first cell, and the way to the next, in pixels of the input: padding moves it. */
  readonly startX: number;
  readonly startY: number;
  readonly strideX: number;
  readonly strideY: number;
}

/** Of each source's feature map, before its predictor. */
export function effectiveFields(description: NetworkDescription): EffectiveField[] {
  const spreads = layerSpreads(description);
  return description.sources.map(({ feature }) => effectiveField(spreads.get(feature)!));
}

function effectiveField({ x, y }: Spreads): EffectiveField {
  return {
    sigmaX: Math.sqrt(x.variance),
    sigmaY: Math.sqrt(y.variance),
    startX: x.start,
    startY: y.start,
    strideX: x.stride,
    strideY: y.stride,
  };
}

function layerSpreads(description: NetworkDescription): ReadonlyMap<string, Spreads> {
  const shapes = inferShapes(description);
  const pixel: Spread = { start: 0.5, variance: 0, stride: 1 };
  const spreads = new Map<string, Spreads>([['input', { x: pixel, y: pixel, total: 1 }]]);
  for (const layer of description.layers) spreads.set(layer.name, spreadAfter(layer, spreads, shapes));
  return spreads;
}

function spreadAfter(
  layer: Layer,
  spreads: ReadonlyMap<string, Spreads>,
  shapes: ReadonlyMap<string, MapShape>,
): Spreads {
  const of = (name: string): Spreads => spreads.get(name)!;
  switch (layer.op) {
    case 'convolution': {
      const { x, y, total } = of(layer.input);
      const along = (before: Spread, axis: 0 | 1): Spread =>
        windowed(before, layer.kernel[axis], layer.dilation, layer.stride, layer.padding[axis]);
      return { x: along(x, 1), y: along(y, 0), total };
    }
    case 'maxPool': {
      const { x, y, total } = of(layer.input);
      const along = (before: Spread): Spread => windowed(before, layer.kernel, 1, layer.stride, layer.padding);
      return { x: along(x), y: along(y), total };
    }
    case 'resize': {
      const { x, y, total } = of(layer.input);
      const [from, to] = [shapes.get(layer.input)!, shapes.get(layer.name)!];
      return { x: resized(x, from.width, to.width), y: resized(y, from.height, to.height), total };
    }
    case 'concat': {
      const channels = layer.inputs.map((name) => shapes.get(name)!.channels);
      const all = channels.reduce((sum, count) => sum + count, 0);
      return mixture(
        layer.inputs.map(of),
        channels.map((count) => count / all),
      );
    }
    case 'scaledAdd':
      return mixture(layer.inputs.map(of), [layer.scale ** 2, 1]);
    case 'multiply':
      return of(layer.inputs[0]);
    case 'globalAveragePool': {
      // Every pixel alike; only gates come of it, and `multiply` leaves those out.
      const { width, height } = shapes.get('input')!;
      const whole = (side: number): Spread => ({ start: side / 2, variance: (side * side - 1) / 12, stride: side });
      return { x: whole(width), y: whole(height), total: of(layer.input).total };
    }
    default:
      return of(layer.input);
  }
}

function windowed(before: Spread, kernel: number, dilation: number, stride: number, padding: number): Spread {
  return {
    start: before.start + (((kernel - 1) / 2) * dilation - padding) * before.stride,
    variance: before.variance + ((kernel * kernel - 1) / 12) * (dilation * before.stride) ** 2,
    stride: before.stride * stride,
  };
}

/** Bilinear with aligned corners takes (1 - t) of one cell and t of the next: t(1 - t) squared over ((1 - t)^2 + t^2)^2, over all t. */
const BILINEAR_VARIANCE = (2 - Math.PI / 2) / 4;

function resized(before: Spread, from: number, to: number): Spread {
  const step = to > 1 ? (from - 1) / (to - 1) : 0;
  return {
    start: before.start,
    variance: before.variance + (from === to ? 0 : BILINEAR_VARIANCE * before.stride ** 2),
    stride: step > 0 ? before.stride * step : before.stride,
  };
}

/** @param factors of each part's total */
function mixture(parts: readonly Spreads[], factors: readonly number[]): Spreads {
  const totals = parts.map(({ total }, i) => total * factors[i]);
  const total = totals.reduce((sum, each) => sum + each, 0);
  const along = (axis: 'x' | 'y'): Spread => {
    const mean = (value: (spread: Spread) => number): number =>
      parts.reduce((sum, part, i) => sum + totals[i] * value(part[axis]), 0) / total;
    const start = mean((spread) => spread.start);
    return {
      start,
      variance: mean((spread) => spread.variance + (spread.start - start) ** 2),
      stride: Math.max(...parts.map((part) => part[axis].stride)),
    };
  };
  return { x: along('x'), y: along('y'), total };
}
