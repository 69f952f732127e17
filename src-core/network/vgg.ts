/**
 * VGG-16 with atrous fc6/fc7 (SPEC.md 1.1), the base of SSD and RFBNet, and the predictors of both. Layers are numbered as in
 * the weight files of either: `<prefix>.0` conv1_1 to `<prefix>.33` fc7. Pools round up as in Caffe (SPEC.md 1.3), which is
 * the same at 300 and 512.
 */
import type { ConvolutionLayer, PredictionSource } from './description';
import type { ConvolutionOptions, LayerList } from './layers';

/** Widths of the five stages and the convolutions in each. */
const STAGES = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

/** A published number of channels as this network has it. */
export type Width = (channels: number) => number;

/** Channels times the multiplier, a multiple of 8 and at least 8. */
export const scaledWidth =
  (multiplier: number): Width =>
  (channels) =>
    Math.max(8, Math.round((channels * multiplier) / 8) * 8);

/** Of a convolution before a batch norm, which has a bias of its own. */
const BEFORE_BATCH_NORM = { initializer: 'kaimingNormal', bias: false } as const;

/**
 * Appends a convolution and its ReLU (`name.relu` unless `activation` names it) and returns the ReLU. With batch norm that lies
 * between (`name.bn`) and the convolution has no bias.
 */
export function rectified(
  list: LayerList,
  name: string,
  input: string,
  filters: number,
  options: ConvolutionOptions & { readonly batchNorm?: boolean; readonly activation?: string },
): string {
  const { batchNorm = false, activation = `${name}.relu`, ...convolution } = options;
  const x = list.convolution(name, input, filters, { ...convolution, ...(batchNorm && BEFORE_BATCH_NORM) });
  return list.activation(activation, batchNorm ? list.batchNorm(`${name}.bn`, x) : x);
}

/** conv1_1 to fc7; returns fc7 and conv4_3, both after their ReLU. */
export function vgg(
  list: LayerList,
  prefix: string,
  width: Width,
  batchNorm = false,
): { readonly fc7: string; readonly conv4: string } {
  let index = 0;
  const next = () => `${prefix}.${index++}`;
  const add = (input: string, filters: number, options: ConvolutionOptions = {}) =>
    rectified(list, next(), input, width(filters), { ...options, batchNorm, activation: next() });
  let x = 'input';
  let conv4 = '';
  STAGES.forEach(([filters, convolutions], stage) => {
    for (let i = 0; i < convolutions; i++) {
      x = add(x, filters, { kernel: 3, padding: 1, initializer: 'kaimingNormal' });
    }
    if (stage === 3) conv4 = x;
    x = stage < 4 ? list.maxPool(next(), x, 2, 2, 0, true) : list.maxPool(next(), x, 3, 1, 1, false);
  });
  x = add(x, 1024, { kernel: 3, padding: 6, dilation: 6 });
  return { fc7: add(x, 1024), conv4 };
}

/** On each feature map one convolution for offsets, `loc.N`, and one for class scores, `conf.N`, both with bias. */
export function predictors(
  list: LayerList,
  features: readonly string[],
  classes: number,
  boxesPerCell: readonly number[],
  kernel: 1 | 3 = 3,
  initializer: ConvolutionLayer['initializer'] = 'xavierUniform',
): PredictionSource[] {
  const options = { kernel, padding: (kernel - 1) / 2, initializer };
  return features.map((feature, i) => ({
    feature,
    localisation: list.convolution(`loc.${i}`, feature, 4 * boxesPerCell[i], options),
    confidence: list.convolution(`conf.${i}`, feature, classes * boxesPerCell[i], options),
    boxesPerCell: boxesPerCell[i],
  }));
}
