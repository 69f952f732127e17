/**
 * SSDLite on MobileNetV3-Large with the reduced tail, as torchvision's ssdlite320_mobilenet_v3_large (SPEC.md 12). Layers carry
 * torchvision's names, so that its weight file maps one to one. Squeeze-excite gates are `fc1`, ReLU, `fc2`, hard sigmoid.
 */
import type { ActivationLayer, ConvolutionLayer, NetworkChoice, NetworkDescription } from './description';
import { LayerList } from './layers';

type Activation = ActivationLayer['kind'];

/** An inverted residual: expanded channels, output channels, depthwise kernel, stride, gated or not, and its activation. */
type Bottleneck = readonly [
  expanded: number,
  out: number,
  kernel: 3 | 5,
  stride: 1 | 2,
  gated: boolean,
  kind: Activation,
];

/** `backbone.features.0.1` to `.12`. */
const TO_STRIDE_16: readonly Bottleneck[] = [
  [16, 16, 3, 1, false, 'relu'],
  [64, 24, 3, 2, false, 'relu'],
  [72, 24, 3, 1, false, 'relu'],
  [72, 40, 5, 2, true, 'relu'],
  [120, 40, 5, 1, true, 'relu'],
  [120, 40, 5, 1, true, 'relu'],
  [240, 80, 3, 2, false, 'hardSwish'],
  [200, 80, 3, 1, false, 'hardSwish'],
  [184, 80, 3, 1, false, 'hardSwish'],
  [184, 80, 3, 1, false, 'hardSwish'],
  [480, 112, 3, 1, true, 'hardSwish'],
  [672, 112, 3, 1, true, 'hardSwish'],
];
/** The block whose expansion is source 1; the reduced tail halves what follows. */
const TO_STRIDE_32: Bottleneck = [672, 80, 5, 2, true, 'hardSwish'];
/** `backbone.features.1.1` and `.2`. */
const AT_STRIDE_32: readonly Bottleneck[] = [
  [480, 80, 5, 1, true, 'hardSwish'],
  [480, 80, 5, 1, true, 'hardSwish'],
];
/** Channels after the last convolution of the base: source 2. */
const LAST = 480;
/** Channels of the extra layers, each halving the map. */
const EXTRAS = [512, 256, 256, 128];

export const SSDLITE_SOURCES = 2 + EXTRAS.length;

interface Feature {
  readonly name: string;
  readonly channels: number;
}

/** Convolutions of this network have no bias but for gates and predictors; batch norms have eps .001 and momentum .03. */
interface Unit {
  readonly filters: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly depthwise?: boolean;
  /** Null: none follows. */
  readonly kind: Activation | null;
  readonly initializer?: ConvolutionLayer['initializer'];
}

const MOMENTUM = 0.03;
const EPSILON = 1e-3;

/** `name.0` convolution, `name.1` batch norm, `name.2` activation. */
function unit(list: LayerList, name: string, input: string, spec: Unit): string {
  const kernel = spec.kernel ?? 1;
  const options = {
    kernel,
    stride: spec.stride ?? 1,
    padding: (kernel - 1) / 2,
    bias: false,
    initializer: spec.initializer ?? 'kaimingNormal',
  } as const;
  const convolved = spec.depthwise
    ? list.depthwise(`${name}.0`, input, spec.filters, options)
    : list.convolution(`${name}.0`, input, spec.filters, options);
  const x = list.batchNorm(`${name}.1`, convolved, MOMENTUM, EPSILON);
  return spec.kind ? list.activation(`${name}.2`, x, spec.kind) : x;
}

export function ssdlite(choice: NetworkChoice, classes: number, boxesPerCell: readonly number[]): NetworkDescription {
  const list = new LayerList();
  const base = mobileNetV3(list);
  const features = [...base, ...extras(list, base[1])];
  const sources = features.map((feature, i) => ({
    feature: feature.name,
    confidence: head(list, `head.classification_head.module_list.${i}`, feature, classes * boxesPerCell[i]),
    localisation: head(list, `head.regression_head.module_list.${i}`, feature, 4 * boxesPerCell[i]),
    boxesPerCell: boxesPerCell[i],
  }));
  return {
    architecture: choice.architecture,
    input: choice.input,
    classes,
    preprocessing: { channelOrder: 'rgb', mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
    layers: list.layers,
    sources,
  };
}

/** The two sources in the base, at strides of 16 and 32. */
function mobileNetV3(list: LayerList): [Feature, Feature] {
  let channels = 16;
  let x = unit(list, 'backbone.features.0.0', 'input', {
    filters: channels,
    kernel: 3,
    stride: 2,
    kind: 'hardSwish',
  });
  TO_STRIDE_16.forEach((block, i) => {
    x = bottleneck(list, `backbone.features.0.${i + 1}`, { name: x, channels }, block);
    channels = block[1];
  });
  const [expanded, reduced] = TO_STRIDE_32;
  const fine = unit(list, `backbone.features.0.${TO_STRIDE_16.length + 1}`, x, {
    filters: expanded,
    kind: TO_STRIDE_32[5],
  });
  x = afterExpansion(list, 'backbone.features.1.0', 1, fine, TO_STRIDE_32);
  channels = reduced;
  AT_STRIDE_32.forEach((block, i) => {
    x = bottleneck(list, `backbone.features.1.${i + 1}`, { name: x, channels }, block);
    channels = block[1];
  });
  const last = `backbone.features.1.${AT_STRIDE_32.length + 1}`;
  const coarse = unit(list, last, x, { filters: LAST, kind: 'hardSwish' });
  return [
    { name: fine, channels: expanded },
    { name: coarse, channels: LAST },
  ];
}

/** An inverted residual; the first of the network has nothing to expand. */
function bottleneck(list: LayerList, name: string, input: Feature, block: Bottleneck): string {
  const [expanded, out, , stride, , kind] = block;
  const inside = `${name}.block`;
  const expands = expanded !== input.channels;
  const wide = expands ? unit(list, `${inside}.0`, input.name, { filters: expanded, kind }) : input.name;
  const x = afterExpansion(list, inside, expands ? 1 : 0, wide, block);
  return stride === 1 && out === input.channels ? list.scaledAdd(`${name}.add`, x, input.name, 1) : x;
}

/** Depthwise convolution, gate and projection of an inverted residual, numbered from `index`. */
function afterExpansion(list: LayerList, name: string, index: number, input: string, block: Bottleneck): string {
  const [expanded, out, kernel, stride, gated, kind] = block;
  let next = index;
  let x = unit(list, `${name}.${next++}`, input, { filters: expanded, kernel, stride, depthwise: true, kind });
  if (gated) x = squeezeExcite(list, `${name}.${next++}`, { name: x, channels: expanded });
  return unit(list, `${name}.${next}`, x, { filters: out, kind: null });
}

function squeezeExcite(list: LayerList, name: string, { name: input, channels }: Feature): string {
  const options = { initializer: 'kaimingNormal' } as const;
  let gate = list.globalAveragePool(`${name}.avgpool`, input);
  gate = list.convolution(`${name}.fc1`, gate, divisibleBy8(channels / 4), options);
  gate = list.activation(`${name}.activation`, gate);
  gate = list.convolution(`${name}.fc2`, gate, channels, options);
  gate = list.activation(`${name}.scale_activation`, gate, 'hardSigmoid');
  return list.multiply(`${name}.gated`, input, gate);
}

/** MobileNet's rounding of channels: to the nearest multiple of 8, but never down by more than a tenth. */
function divisibleBy8(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

/** Each a 1x1 to half the channels, a depthwise 3x3 with stride 2, and a 1x1. */
function extras(list: LayerList, base: Feature): Feature[] {
  let x = base.name;
  const rest = { kind: 'relu6', initializer: 'normal03' } as const;
  return EXTRAS.map((channels, i) => {
    const name = `backbone.extra.${i}`;
    x = unit(list, `${name}.0`, x, { ...rest, filters: channels / 2 });
    x = unit(list, `${name}.1`, x, { ...rest, filters: channels / 2, kernel: 3, stride: 2, depthwise: true });
    x = unit(list, `${name}.2`, x, { ...rest, filters: channels });
    return { name: x, channels };
  });
}

/** A separable 3x3 predictor. */
function head(list: LayerList, name: string, feature: Feature, filters: number): string {
  const x = unit(list, `${name}.0`, feature.name, {
    filters: feature.channels,
    kernel: 3,
    depthwise: true,
    kind: 'relu6',
    initializer: 'normal03',
  });
  return list.convolution(`${name}.1`, x, filters, { initializer: 'normal03' });
}
