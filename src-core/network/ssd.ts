/**
 * SSD on VGG-16 with atrous fc6/fc7 (SPEC.md 1.1). Layers carry amdegroot's names (`vgg.N`, `L2Norm`, `extras.N`, `loc.N`,
 * `conf.N`), so that its weight files map one to one. Pools round up as in Caffe (SPEC.md 1.3), which is the same at 300.
 */
import type { NetworkChoice, NetworkDescription, PredictionSource } from './description';
import { LayerList } from './layers';

/** Widths of VGG-16's five stages and the convolutions in each. */
const STAGES = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

/** Each extra pair of SSD300: a 1x1 to `reduce`, then a 3x3 to `filters`. */
const EXTRAS_300 = [
  { reduce: 256, filters: 512, stride: 2, padding: 1 },
  { reduce: 128, filters: 256, stride: 2, padding: 1 },
  { reduce: 128, filters: 256, stride: 1, padding: 0 },
  { reduce: 128, filters: 256, stride: 1, padding: 0 },
] as const;

export const SSD300_SOURCES = 6;

export function ssd300(choice: NetworkChoice, classes: number, boxesPerCell: readonly number[]): NetworkDescription {
  const width = (filters: number) => Math.max(8, Math.round((filters * choice.widthMultiplier) / 8) * 8);
  const list = new LayerList();
  const { base, conv4 } = vgg(list, width);
  const features = [list.l2Norm('L2Norm', conv4, 20), base, ...extras(list, base, width)];
  const sources = features.map((feature, i): PredictionSource => {
    const boxes = boxesPerCell[i];
    const head = { kernel: 3, padding: 1 };
    return {
      feature,
      localisation: list.convolution(`loc.${i}`, feature, 4 * boxes, head),
      confidence: list.convolution(`conf.${i}`, feature, classes * boxes, head),
      boxesPerCell: boxes,
    };
  });
  return {
    architecture: 'ssd300',
    input: choice.input,
    classes,
    preprocessing: { channelOrder: 'rgb', mean: [123, 117, 104], std: [1, 1, 1] },
    layers: list.layers,
    sources,
  };
}

/** conv1_1 to fc7; returns fc7 and conv4_3, both after their ReLU. */
function vgg(list: LayerList, width: (filters: number) => number) {
  let index = 0;
  const next = () => `vgg.${index++}`;
  let x = 'input';
  let conv4 = '';
  STAGES.forEach(([filters, convolutions], stage) => {
    for (let i = 0; i < convolutions; i++) {
      x = list.convolution(next(), x, width(filters), { kernel: 3, padding: 1, initializer: 'kaimingNormal' });
      x = list.activation(next(), x);
    }
    if (stage === 3) conv4 = x;
    x = stage < 4 ? list.maxPool(next(), x, 2, 2, 0, true) : list.maxPool(next(), x, 3, 1, 1, false);
  });
  x = list.convolution(next(), x, width(1024), { kernel: 3, padding: 6, dilation: 6 });
  x = list.activation(next(), x);
  x = list.convolution(next(), x, width(1024));
  return { base: list.activation(next(), x), conv4 };
}

/** conv8_1 to conv11_2 by the paper's names; returns the second of each pair. */
function extras(list: LayerList, base: string, width: (filters: number) => number): string[] {
  let x = base;
  return EXTRAS_300.map(({ reduce, filters, stride, padding }, i) => {
    x = list.convolution(`extras.${2 * i}`, x, width(reduce));
    x = list.activation(`extras.${2 * i}.relu`, x);
    x = list.convolution(`extras.${2 * i + 1}`, x, width(filters), { kernel: 3, stride, padding });
    x = list.activation(`extras.${2 * i + 1}.relu`, x);
    return x;
  });
}
