/**
 * SSD on VGG-16 (SPEC.md 1.1, 1.2, 2.6): SSD300 with six sources, SSD512 and SSD500 with seven. Layers carry amdegroot's names
 * (`vgg.N`, `L2Norm`, `extras.N`, `loc.N`, `conf.N`), so that its weight files map one to one.
 */
import type { NetworkChoice, NetworkDescription } from './description';
import { LayerList } from './layers';
import { predictors, rectified, scaledWidth, vgg, type Width } from './vgg';

/** A pair of extra layers: a 1x1 to `reduce`, then a convolution to `filters`. */
interface ExtraPair {
  readonly reduce: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

const CONV8: ExtraPair = { reduce: 256, filters: 512, kernel: 3, stride: 2, padding: 1 };
const HALVING: ExtraPair = { reduce: 128, filters: 256, kernel: 3, stride: 2, padding: 1 };
const UNPADDED: ExtraPair = { reduce: 128, filters: 256, kernel: 3, stride: 1, padding: 0 };

/** conv8 to conv11 by the paper's names. */
const EXTRAS_300 = [CONV8, HALVING, UNPADDED, UNPADDED];
/** conv8 to conv12; the last kernel of 4 makes one cell of a 2x2 map. */
const EXTRAS_512 = [CONV8, HALVING, HALVING, HALVING, { ...UNPADDED, kernel: 4, padding: 1 }];

export const SSD300_SOURCES = 2 + EXTRAS_300.length;
export const SSD512_SOURCES = 2 + EXTRAS_512.length;

/**
 * Per channel the published features leave the norm with 20 / sqrt(512) in the root mean square. A narrower network keeps that, not
 * the 20: the predictor's curvature grows with the norm's square, and a quarter of the channels would learn at a quarter of the rate.
 */
const l2NormScale = (width: Width): number => 20 * Math.sqrt(width(512) / 512);

export function ssd(choice: NetworkChoice, classes: number, boxesPerCell: readonly number[]): NetworkDescription {
  const width = scaledWidth(choice.widthMultiplier);
  const list = new LayerList();
  const { batchNorm = false } = choice;
  const { fc7, conv4 } = vgg(list, 'vgg', width, batchNorm);
  const pairs = choice.architecture === 'ssd300' ? EXTRAS_300 : EXTRAS_512;
  let x = fc7;
  const extras = pairs.map(({ reduce, filters, kernel, stride, padding }, i) => {
    x = rectified(list, `extras.${2 * i}`, x, width(reduce), { batchNorm });
    return (x = rectified(list, `extras.${2 * i + 1}`, x, width(filters), { kernel, stride, padding, batchNorm }));
  });
  const features = [list.l2Norm('L2Norm', conv4, l2NormScale(width)), fc7, ...extras];
  return {
    architecture: choice.architecture,
    input: choice.input,
    classes,
    preprocessing: { channelOrder: 'rgb', mean: [123, 117, 104], std: [1, 1, 1] },
    sources: predictors(list, features, classes, boxesPerCell, 3, batchNorm ? 'normal01' : 'xavierUniform'),
    layers: list.layers,
  };
}
