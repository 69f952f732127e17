/** The default boxes of published networks (SPEC.md 2.2, RFB320.md), scaled with the network's input. */
import type { Size } from '../geometry/convert';
import type { ArchitectureId, NetworkChoice } from '../network/description';
import type { DefaultBoxConfiguration, PriorClipping, SourceBoxes } from './configuration';
import { inWholePixels } from './formulas';
import { caffeSizes, inputScale, type CaffeRange } from './scales';

const VARIANCES = [0.1, 0.2] as const;

/** Ratio range in percent of the input, the pair of the first source, and what follows from neither. */
interface SsdPreset extends CaffeRange {
  readonly side: number;
  readonly aspectRatios: readonly (readonly number[])[];
  readonly steps: readonly number[];
}

const RATIOS_300 = [[2], [2, 3], [2, 3], [2, 3], [2], [2]];
const RATIOS_512 = [[2], [2, 3], [2, 3], [2, 3], [2, 3], [2], [2]];
const STEPS_300 = [8, 16, 32, 64, 100, 300];
const STEPS_512 = [8, 16, 32, 64, 128, 256, 512];

const VOC300_PRESET: SsdPreset = {
  side: 300,
  minRatio: 20,
  maxRatio: 90,
  first: [10, 20],
  aspectRatios: RATIOS_300,
  steps: STEPS_300,
};
const COCO300_PRESET: SsdPreset = { ...VOC300_PRESET, minRatio: 15, first: [7, 15] };
const VOC512_PRESET: SsdPreset = {
  side: 512,
  minRatio: 15,
  maxRatio: 90,
  first: [7, 15],
  aspectRatios: RATIOS_512,
  steps: STEPS_512,
};
const COCO512_PRESET: SsdPreset = { ...VOC512_PRESET, minRatio: 10, first: [4, 10] };

/** SSD512's ratios at 500 (SPEC.md 2.6). */
const at500 = (preset: SsdPreset): SsdPreset => ({ ...preset, side: 500, steps: [8, 16, 32, 64, 128, 256, 500] });

/** RFBNet gives the first source the ratio 3 too (SPEC.md 9.4). */
const forRfbNet = (preset: SsdPreset): SsdPreset => ({
  ...preset,
  aspectRatios: [[2, 3], ...preset.aspectRatios.slice(1)],
});

/** RFBNet-mobile (SPEC.md 9.4): 45 pixels of 300 and 45 more for each source. */
const MOBILE_PRESET: SsdPreset = {
  side: 300,
  minRatio: 30,
  maxRatio: 90,
  first: [15, 30],
  aspectRatios: [[2, 3], [2, 3], [2, 3], [2, 3], [2], [2]],
  steps: [16, 32, 64, 100, 150, 300],
};

export const VOC300 = ssdDefaultBoxes(VOC300_PRESET, { width: 300, height: 300 });
export const COCO300 = ssdDefaultBoxes(COCO300_PRESET, { width: 300, height: 300 });
export const VOC512 = ssdDefaultBoxes(VOC512_PRESET, { width: 512, height: 512 });
export const COCO512 = ssdDefaultBoxes(COCO512_PRESET, { width: 512, height: 512 });

/** RFB-320's and slim-320's square boxes in pixels of a 320x240 input; the 640x480 networks' in theirs (RFB320.md). */
const SQUARE_SIZES = [
  [10, 16, 24],
  [32, 48],
  [64, 96],
  [128, 192, 256],
];

/** torchvision's scales of SSDLite320, the last for the extra box of the last source (SPEC.md 12). */
const SSDLITE_SCALES = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1];

/** The data set that published sizes were made for; COCO's objects are smaller. */
export type PresetDataset = 'voc' | 'coco';

export interface PublishedOptions {
  /** Absent: the data set that the architecture is best known from. */
  readonly dataset?: PresetDataset;
  /** Sizes cut to whole pixels, as Caffe since 2016-06 and mmdetection do (SPEC.md 2.2). */
  readonly wholePixels?: boolean;
}

/** What a network starts from. Sizes scale with the input; at the published input size they are the published ones. */
export function presetDefaultBoxes(network: NetworkChoice): DefaultBoxConfiguration {
  return publishedDefaultBoxes(network, {});
}

/** The default boxes that published weights of a network were trained with, for a data set; clipping is Caffe's, none. */
export function publishedDefaultBoxes(network: NetworkChoice, options: PublishedOptions): DefaultBoxConfiguration {
  const configuration = PRESETS[network.architecture](network.input, options.dataset);
  return options.wholePixels ? inWholePixels(configuration) : configuration;
}

type Preset = (input: Size, dataset: PresetDataset | undefined) => DefaultBoxConfiguration;

/** @param usual the data set when none is asked for */
const ssdPreset =
  (presets: Readonly<Record<PresetDataset, SsdPreset>>, usual: PresetDataset): Preset =>
  (input, dataset = usual) =>
    ssdDefaultBoxes(presets[dataset], input);

const SSD300: Readonly<Record<PresetDataset, SsdPreset>> = { voc: VOC300_PRESET, coco: COCO300_PRESET };
const SSD500: Readonly<Record<PresetDataset, SsdPreset>> = { voc: at500(VOC512_PRESET), coco: at500(COCO512_PRESET) };
const SSD512: Readonly<Record<PresetDataset, SsdPreset>> = { voc: VOC512_PRESET, coco: COCO512_PRESET };
const RFBNET300 = { voc: forRfbNet(VOC300_PRESET), coco: forRfbNet(COCO300_PRESET) };
const RFBNET512 = { voc: forRfbNet(VOC512_PRESET), coco: forRfbNet(COCO512_PRESET) };

const PRESETS: Readonly<Record<ArchitectureId, Preset>> = {
  rfb320: squarePreset({ width: 320, height: 240 }),
  slim320: squarePreset({ width: 320, height: 240 }),
  rfb640: squarePreset({ width: 640, height: 480 }),
  slim640: squarePreset({ width: 640, height: 480 }),
  ssdlite320: ssdliteDefaultBoxes,
  ssd300: ssdPreset(SSD300, 'voc'),
  ssd500: ssdPreset(SSD500, 'voc'),
  ssd512: ssdPreset(SSD512, 'voc'),
  rfbnet300: ssdPreset(RFBNET300, 'voc'),
  rfbnet512: ssdPreset(RFBNET512, 'voc'),
  'rfbnet300-e': ssdPreset(RFBNET300, 'coco'),
  'rfbnet512-e': ssdPreset(RFBNET512, 'coco'),
  'rfbnet-mobile': (input) => ssdDefaultBoxes(MOBILE_PRESET, input),
};

function ssdDefaultBoxes(preset: SsdPreset, input: Size): DefaultBoxConfiguration {
  const native = input.width === preset.side && input.height === preset.side;
  const sizes = caffeSizes(preset, preset.aspectRatios.length, inputScale(input));
  return configure(
    'none',
    preset.aspectRatios.map((aspectRatios, k) => ({
      minSizes: [sizes.min[k]],
      maxSizes: [sizes.max[k]],
      aspectRatios,
      // The published steps suit the published size only; elsewhere Caffe's own rule, input / map, applies.
      step: native ? [preset.steps[k], preset.steps[k]] : null,
    })),
  );
}

function squarePreset(native: Size): Preset {
  return (input) => {
    const factor = inputScale(input) / inputScale(native);
    return configure(
      'all',
      SQUARE_SIZES.map((sizes) => ({
        minSizes: sizes.map((size) => size * factor),
        maxSizes: [],
        aspectRatios: [],
        step: null,
      })),
    );
  };
}

/** Six boxes in each cell of each source; torchvision clamps their width and height. */
function ssdliteDefaultBoxes(input: Size): DefaultBoxConfiguration {
  const pixels = SSDLITE_SCALES.map((scale) => scale * inputScale(input));
  return configure(
    'size',
    pixels.slice(0, -1).map((size, k) => ({
      minSizes: [size],
      maxSizes: [pixels[k + 1]],
      aspectRatios: [2, 3],
      step: null,
    })),
  );
}

function configure(clip: PriorClipping, sources: readonly SourceBoxes[]): DefaultBoxConfiguration {
  return { sources, clip, offset: 0.5, variances: VARIANCES };
}
