/**
 * RFBNet (SPEC.md 9.4): on VGG-16 at 300 and 512, the E variants, and on MobileNet. Layers carry RFBNet's own names (`base.N`,
 * `Norm.*`, `extras.*`, `loc.N`, `conf.N`, `reduce`, `up_reduce`). fc7 is no source; its receptive field block is.
 */
import type { NetworkChoice, NetworkDescription } from './description';
import { LayerList } from './layers';
import {
  basicRfb,
  basicRfbE,
  type Block,
  type BlockSize,
  rfbBlock,
  rfbMobile,
  rfbSmall,
  rfbSmallE,
  unit,
  type Unit,
} from './rfb-blocks';
import { predictors, scaledWidth, vgg, type Width } from './vgg';

const INITIALIZER = 'kaimingNormal';

/** Blocks of the extra layers on fc7; those of 256 inputs are `visual` 1. */
const BLOCKS_300: readonly BlockSize[] = [
  { inputs: 1024, out: 1024, stride: 1 },
  { inputs: 1024, out: 512, stride: 2 },
  { inputs: 512, out: 256, stride: 2 },
];
const BLOCKS_512: readonly BlockSize[] = [
  ...BLOCKS_300,
  { inputs: 256, out: 256, stride: 2 },
  { inputs: 256, out: 256, stride: 2 },
];

/** Plain pairs after the blocks; the second of each is a source. */
const PAIRS_300: readonly (readonly [Unit, Unit])[] = [
  [{ filters: 128 }, { filters: 256, kernel: 3, padding: 0 }],
  [{ filters: 128 }, { filters: 256, kernel: 3, padding: 0 }],
];
const PAIRS_512: readonly (readonly [Unit, Unit])[] = [[{ filters: 128 }, { filters: 256, kernel: 4, padding: 1 }]];
const PAIRS_MOBILE: readonly (readonly [Unit, Unit])[] = [
  [{ filters: 128 }, { filters: 256, kernel: 3, stride: 2 }],
  [{ filters: 128 }, { filters: 256, kernel: 3, stride: 2 }],
  [{ filters: 64 }, { filters: 128, kernel: 3, stride: 2 }],
];

export const RFBNET300_SOURCES = 1 + BLOCKS_300.length + PAIRS_300.length;
export const RFBNET512_SOURCES = 1 + BLOCKS_512.length + PAIRS_512.length;
export const RFBNET_MOBILE_SOURCES = 2 + 1 + PAIRS_MOBILE.length;

export function rfbnet(choice: NetworkChoice, classes: number, boxesPerCell: readonly number[]): NetworkDescription {
  const enriched = choice.architecture === 'rfbnet300-e' || choice.architecture === 'rfbnet512-e';
  const large = choice.architecture === 'rfbnet512' || choice.architecture === 'rfbnet512-e';
  const width = scaledWidth(choice.widthMultiplier);
  const list = new LayerList();
  const { fc7, conv4 } = vgg(list, 'base', width, choice.batchNorm);
  const first = enriched
    ? rfbBlock(list, 'Norm', enrich(list, conv4, fc7, width), rfbSmallE(width))
    : rfbBlock(list, 'Norm', conv4, rfbSmall(width));
  const blocks = (large ? BLOCKS_512 : BLOCKS_300).map((size) =>
    enriched ? basicRfbE(size, width) : basicRfb(size, width, size.inputs === 256 ? 1 : 2, choice.rfbBranches ?? 3),
  );
  const features = [first, ...extras(list, fc7, blocks, large ? PAIRS_512 : PAIRS_300, width)];
  return {
    architecture: choice.architecture,
    input: choice.input,
    classes,
    preprocessing: { channelOrder: 'bgr', mean: [104, 117, 123], std: [1, 1, 1] },
    sources: predictors(list, features, classes, boxesPerCell, 3, choice.batchNorm ? 'normal01' : INITIALIZER),
    layers: list.layers,
  };
}

/** [output channels, stride] of base.1 to base.13, depthwise-separable. */
const MOBILENET = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** The base layer, at a stride of 16, that source 1's block reads. */
const FIRST_SOURCE = 11;

export function rfbnetMobile(
  choice: NetworkChoice,
  classes: number,
  boxesPerCell: readonly number[],
): NetworkDescription {
  const width: Width = (channels) => channels;
  const list = new LayerList();
  const { last, first } = mobileNet(list);
  const norm = rfbBlock(list, 'Norm', first, rfbSmall(width, true));
  const features = [norm, last, ...extras(list, last, [rfbMobile()], PAIRS_MOBILE, width)];
  return {
    architecture: choice.architecture,
    input: choice.input,
    classes,
    preprocessing: { channelOrder: 'bgr', mean: [103.94, 116.78, 123.68], std: [1, 1, 1] },
    sources: predictors(list, features, classes, boxesPerCell, 1, INITIALIZER),
    layers: list.layers,
  };
}

/** `extras.N`: the blocks, then the pairs; returns the sources among them. */
function extras(
  list: LayerList,
  input: string,
  blocks: readonly Block[],
  pairs: readonly (readonly [Unit, Unit])[],
  width: Width,
): string[] {
  let x = input;
  let index = 0;
  const next = (spec: Unit) => unit(list, `extras.${index++}`, x, { ...spec, filters: width(spec.filters) });
  const ofBlocks = blocks.map((block) => (x = rfbBlock(list, `extras.${index++}`, x, block)));
  const ofPairs = pairs.map(([reduce, spread]) => {
    x = next(reduce);
    return (x = next(spread));
  });
  return [...ofBlocks, ...ofPairs];
}

/** conv4_3 beside fc7 at its size, 256 channels each. */
function enrich(list: LayerList, conv4: string, fc7: string, width: Width): string {
  const fine = unit(list, 'reduce', conv4, { filters: width(256) });
  const coarse = unit(list, 'up_reduce', fc7, { filters: width(256) });
  return list.concat('enriched', [fine, list.resize('up_reduce.resize', coarse, fine)]);
}

/** MobileNet v1; its batch norms have PyTorch's own momentum. */
function mobileNet(list: LayerList): { readonly first: string; readonly last: string } {
  const plain = { bias: false, initializer: INITIALIZER } as const;
  let x = list.convolution('base.0.0', 'input', 32, { ...plain, kernel: 3, stride: 2, padding: 1 });
  x = list.activation('base.0.2', list.batchNorm('base.0.1', x));
  let channels = 32;
  let first = '';
  MOBILENET.forEach(([filters, stride], i) => {
    const name = `base.${i + 1}`;
    x = list.depthwise(`${name}.0`, x, channels, { ...plain, kernel: 3, stride, padding: 1 });
    x = list.activation(`${name}.2`, list.batchNorm(`${name}.1`, x));
    x = list.convolution(`${name}.3`, x, filters, plain);
    x = list.activation(`${name}.5`, list.batchNorm(`${name}.4`, x));
    channels = filters;
    if (i + 1 === FIRST_SOURCE) first = x;
  });
  return { first, last: x };
}
