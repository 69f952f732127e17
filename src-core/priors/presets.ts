/** The default boxes of published networks (SPEC.md 2.2, RFB320.md), scaled with the network's input. */
import type { Size } from '../geometry/convert';
import type { ArchitectureId, NetworkChoice } from '../network/description';
import type { DefaultBoxConfiguration, PriorClipping, SourceBoxes } from './configuration';
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

export const VOC300 = ssdDefaultBoxes(VOC300_PRESET, { width: 300, height: 300 });
export const COCO300 = ssdDefaultBoxes(COCO300_PRESET, { width: 300, height: 300 });
export const VOC512 = ssdDefaultBoxes(VOC512_PRESET, { width: 512, height: 512 });
export const COCO512 = ssdDefaultBoxes(COCO512_PRESET, { width: 512, height: 512 });

/** RFB-320's and slim-320's square boxes in pixels of a 320x240 input. */
const SIZES_320 = [
  [10, 16, 24],
  [32, 48],
  [64, 96],
  [128, 192, 256],
];

/** What a network starts from. Sizes scale with the input; at the published input size they are the published ones. */
export function presetDefaultBoxes(network: NetworkChoice): DefaultBoxConfiguration {
  return PRESETS[network.architecture](network.input);
}

const PRESETS: Readonly<Record<ArchitectureId, (input: Size) => DefaultBoxConfiguration>> = {
  ssd300: (input) => ssdDefaultBoxes(VOC300_PRESET, input),
  rfb320: squareDefaultBoxes,
  slim320: squareDefaultBoxes,
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

function squareDefaultBoxes(input: Size): DefaultBoxConfiguration {
  const factor = inputScale(input) / inputScale({ width: 320, height: 240 });
  return configure(
    'all',
    SIZES_320.map((sizes) => ({
      minSizes: sizes.map((size) => size * factor),
      maxSizes: [],
      aspectRatios: [],
      step: null,
    })),
  );
}

function configure(clip: PriorClipping, sources: readonly SourceBoxes[]): DefaultBoxConfiguration {
  return { sources, clip, offset: 0.5, variances: VARIANCES };
}
