/**
 * RFB-320 and slim-320, the 300 k parameter detectors of Ultra-Light-Fast-Generic-Face-Detector-1MB, for any classes
 * (spec RFB320.md). Layers carry that repository's names (`base_net.I.J`, `extras.0.J`, `classification_headers.I`, ...).
 */
import type { NetworkChoice, NetworkDescription, PredictionSource } from './description';
import { LayerList } from './layers';

export const ULTRALIGHT_SOURCES = 4;

/** [output channels, stride] of base_net.1 to base_net.12, depthwise-separable but for RFB-320's seventh. */
const BASE = [
  [32, 1],
  [32, 2],
  [32, 1],
  [64, 2],
  [64, 1],
  [64, 1],
  [64, 1],
  [128, 2],
  [128, 1],
  [128, 1],
  [256, 2],
  [256, 1],
] as const;

const RFB_BLOCK = 7;
/** Base layers whose output predicts. */
const SOURCES_IN_BASE = [7, 10, 12];

export function ultralight(
  choice: NetworkChoice,
  classes: number,
  boxesPerCell: readonly number[],
): NetworkDescription {
  const list = new LayerList();
  const features: { name: string; channels: number }[] = [];
  let x = normalised(list, 'base_net.0', 'input', 16, 2);
  let channels = 16;
  BASE.forEach(([filters, stride], i) => {
    const index = i + 1;
    x =
      index === RFB_BLOCK && choice.architecture.startsWith('rfb')
        ? rfbBlock(list, `base_net.${index}`, x)
        : separable(list, `base_net.${index}`, x, channels, filters, stride);
    channels = filters;
    if (SOURCES_IN_BASE.includes(index)) features.push({ name: x, channels });
  });
  features.push({ name: extra(list, x), channels: 256 });

  const sources = features.map((feature, i): PredictionSource => {
    const boxes = boxesPerCell[i];
    return {
      feature: feature.name,
      confidence: head(list, `classification_headers.${i}`, feature, classes * boxes, i === 3),
      localisation: head(list, `regression_headers.${i}`, feature, 4 * boxes, i === 3),
      boxesPerCell: boxes,
    };
  });
  return {
    architecture: choice.architecture,
    input: choice.input,
    classes,
    preprocessing: { channelOrder: 'rgb', mean: [127, 127, 127], std: [128, 128, 128] },
    layers: list.layers,
    sources,
  };
}

/**
 * Xavier before a batch norm, as the reference draws all: there only the ratio of a step to the weights counts, and He's start makes
 * depthwise kernels eight times as large, so that they hardly move. Unlike the reference, depthwise kernels without one begin as He's,
 * for Xavier's pass on an eighth of what they see, and the last layers of the predictors small: large first losses would blow up the
 * weights before the batch norms, which learn slower ever after.
 */
const plain = { bias: false, initializer: 'xavierUniform' } as const;
const DEPTHWISE_ALONE = { kernel: 3, padding: 1, initializer: 'kaimingNormal' } as const;
const PREDICTOR = { initializer: 'normal03' } as const;

/** 3x3 convolution, batch norm, ReLU. */
function normalised(list: LayerList, name: string, input: string, filters: number, stride: number): string {
  let x = list.convolution(`${name}.0`, input, filters, { ...plain, kernel: 3, stride, padding: 1 });
  x = list.batchNorm(`${name}.1`, x);
  return list.activation(`${name}.2`, x);
}

/** Depthwise 3x3, batch norm, ReLU, 1x1, batch norm, ReLU. */
function separable(
  list: LayerList,
  name: string,
  input: string,
  channels: number,
  filters: number,
  stride: number,
): string {
  let x = list.depthwise(`${name}.0`, input, channels, { ...plain, kernel: 3, stride, padding: 1 });
  x = list.batchNorm(`${name}.1`, x);
  x = list.activation(`${name}.2`, x);
  x = list.convolution(`${name}.3`, x, filters, plain);
  x = list.batchNorm(`${name}.4`, x);
  return list.activation(`${name}.5`, x);
}

/** The receptive field block, 64 to 64 channels: three branches of growing dilation beside a 1x1 shortcut. */
function rfbBlock(list: LayerList, name: string, input: string): string {
  const unit = (at: string, from: string, filters: number, kernel: number, dilation: number, relu: boolean) => {
    const padding = kernel === 1 ? 0 : dilation;
    let x = list.convolution(`${at}.conv`, from, filters, { ...plain, kernel, padding, dilation });
    x = list.batchNorm(`${at}.bn`, x, 0.01);
    return relu ? list.activation(`${at}.relu`, x) : x;
  };
  const branch = (index: number, middle: readonly number[], dilation: number) => {
    const at = (step: number) => `${name}.branch${index}.${step}`;
    let x = unit(at(0), input, 8, 1, 1, false);
    middle.forEach((filters, i) => {
      x = unit(at(i + 1), x, filters, 3, 1, true);
    });
    return unit(at(middle.length + 1), x, 16, 3, dilation, false);
  };
  const joined = list.concat(`${name}.concat`, [branch(0, [16], 2), branch(1, [16], 3), branch(2, [12, 16], 5)]);
  const linear = unit(`${name}.ConvLinear`, joined, 64, 1, 1, false);
  const shortcut = unit(`${name}.shortcut`, input, 64, 1, 1, false);
  return list.activation(`${name}.relu`, list.scaledAdd(`${name}.add`, linear, shortcut, 1));
}

/** Source 4: 1x1 to 64, depthwise 3x3 stride 2, 1x1 to 256. */
function extra(list: LayerList, input: string): string {
  let x = list.activation('extras.0.1', list.convolution('extras.0.0', input, 64));
  x = list.depthwise('extras.0.2.0', x, 64, { ...DEPTHWISE_ALONE, stride: 2 });
  x = list.convolution('extras.0.2.2', list.activation('extras.0.2.1', x), 256);
  return list.activation('extras.0.3', x);
}

/** A separable 3x3 predictor, or a full one where the map is small. */
function head(
  list: LayerList,
  name: string,
  feature: { readonly name: string; readonly channels: number },
  filters: number,
  full: boolean,
): string {
  if (full) return list.convolution(name, feature.name, filters, { ...PREDICTOR, kernel: 3, padding: 1 });
  const x = list.depthwise(`${name}.0`, feature.name, feature.channels, DEPTHWISE_ALONE);
  return list.convolution(`${name}.2`, list.activation(`${name}.1`, x), filters, PREDICTOR);
}
