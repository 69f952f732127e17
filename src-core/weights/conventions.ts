/** What a detector of each layout expects around its weights (SPEC.md 0, 2.4, 2.5, 8, 13): pixels, default boxes, rules. */
import type { ArchitectureId, NetworkChoice, Preprocessing } from '../network/description';
import type { DefaultBoxConfiguration, PriorClipping } from '../priors/configuration';
import { CAFFE_RULES, type DetectionRules } from '../priors/detections';
import { COCO300, presetDefaultBoxes } from '../priors/presets';
import type { LayoutId } from './layouts';

export interface WeightConventions {
  readonly preprocessing: Preprocessing;
  readonly defaultBoxes: DefaultBoxConfiguration;
  readonly detection: DetectionRules;
  /** Which class of the file is the background; ours is always the first. */
  readonly background: 'first' | 'last';
}

export type BoxSizes = 'voc' | 'coco';

/** What a person knows better than the layout does. */
export interface ConventionOverrides extends Partial<WeightConventions> {
  /** Whether the default boxes are those published for VOC or for COCO; absent: by the number of classes. */
  readonly boxSizes?: BoxSizes;
}

/** Where a reference sets no limit. */
const UNLIMITED = 100_000;

const SSD_PIXELS: Preprocessing = { channelOrder: 'rgb', mean: [123, 117, 104], std: [1, 1, 1] };

/** What layouts say; what they leave out is the architecture's own. */
interface LayoutConventions {
  readonly preprocessing?: Preprocessing;
  readonly clip?: PriorClipping;
  readonly detection?: DetectionRules;
  readonly background?: 'last';
  /** The layout's default boxes whatever the classes. */
  readonly boxSizes?: BoxSizes;
  /** Sizes of inputs of 512 pixels cut to whole pixels (SPEC.md 2.2). */
  readonly wholePixels?: true;
}

/** Sizes as published for COCO, where the architecture's own are for VOC. */
const COCO_SIZES: Partial<Readonly<Record<ArchitectureId, DefaultBoxConfiguration>>> = {
  ssd300: COCO300,
};

function layoutConventions(layout: LayoutId): LayoutConventions {
  switch (layout) {
    case 'torchvision':
      return {
        // Mean .48235, .45882, .40784 and standard deviation 1/255 on values of 0 to 1, which is no division on 0 to 255.
        preprocessing: { channelOrder: 'rgb', mean: [0.48235 * 255, 0.45882 * 255, 0.40784 * 255], std: [1, 1, 1] },
        clip: 'size',
        detection: { ...CAFFE_RULES, clipFirst: true },
        boxSizes: 'coco',
      };
    case 'amdegroot':
      return { preprocessing: SSD_PIXELS, clip: 'all', detection: { ...CAFFE_RULES, perClass: 200 } };
    case 'lufficc':
      return {
        preprocessing: SSD_PIXELS,
        clip: 'all',
        detection: { ...CAFFE_RULES, perClass: UNLIMITED, perImage: 100 },
      };
    case 'mmdetection':
      return {
        preprocessing: { channelOrder: 'rgb', mean: [123.675, 116.28, 103.53], std: [1, 1, 1] },
        clip: 'none',
        detection: { ...CAFFE_RULES, scoreThreshold: 0.02, perClass: 1000 },
        background: 'last',
        wholePixels: true,
      };
    case 'ultralight':
      return { clip: 'all', detection: { ...CAFFE_RULES, iouThreshold: 0.3 } };
    case 'rfbnet':
    case 'vgg-reducedfc':
    case 'vgg-torchvision':
    case 'studio':
      return {};
  }
}

/**
 * @param own how the architecture itself takes its pixels
 * @param fileClasses including background; null where the file has no class predictors
 */
export function conventionsOf(
  layout: LayoutId,
  network: NetworkChoice,
  own: Preprocessing,
  fileClasses: number | null,
  overrides: ConventionOverrides = {},
): WeightConventions {
  const of = layoutConventions(layout);
  const sizes = overrides.boxSizes ?? of.boxSizes ?? sizesFor(fileClasses);
  const preset = presetDefaultBoxes(network);
  const sized = sizes === 'coco' ? withSizes(preset, COCO_SIZES[network.architecture]) : preset;
  const whole = of.wholePixels ? truncated(sized) : sized;
  return {
    preprocessing: overrides.preprocessing ?? of.preprocessing ?? own,
    defaultBoxes: overrides.defaultBoxes ?? { ...whole, clip: of.clip ?? whole.clip },
    detection: overrides.detection ?? of.detection ?? CAFFE_RULES,
    background: overrides.background ?? of.background ?? 'first',
  };
}

/** 80 classes of COCO, or its 90 ids with gaps, and background. */
function sizesFor(fileClasses: number | null): BoxSizes {
  return fileClasses === 81 || fileClasses === 91 ? 'coco' : 'voc';
}

function withSizes(boxes: DefaultBoxConfiguration, published: DefaultBoxConfiguration | undefined) {
  if (!published) return boxes;
  const sources = boxes.sources.map((source, k) => ({
    ...source,
    minSizes: published.sources[k].minSizes,
    maxSizes: published.sources[k].maxSizes,
  }));
  return { ...boxes, sources };
}

function truncated(boxes: DefaultBoxConfiguration): DefaultBoxConfiguration {
  // 69.9999 is 70 that floating point lost.
  const whole = (size: number): number => Math.floor(size + 1e-6);
  const sources = boxes.sources.map((source) => ({
    ...source,
    minSizes: source.minSizes.map(whole),
    maxSizes: source.maxSizes.map(whole),
  }));
  return { ...boxes, sources };
}
