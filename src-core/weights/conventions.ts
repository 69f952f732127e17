/** What a detector of each layout expects around its weights (SPEC.md 0, 2.4, 2.5, 8, 13): pixels, default boxes, rules. */
import type { ArchitectureId, NetworkChoice, Preprocessing } from '../network/description';
import type { DefaultBoxConfiguration, PriorClipping } from '../priors/configuration';
import { CAFFE_RULES, type DetectionRules } from '../priors/detections';
import { publishedDefaultBoxes, type PresetDataset } from '../priors/presets';
import type { LayoutId } from './layouts';

export interface WeightConventions {
  readonly preprocessing: Preprocessing;
  readonly defaultBoxes: DefaultBoxConfiguration;
  readonly detection: DetectionRules;
  /** Which class of the file is the background; ours is always the first. */
  readonly background: 'first' | 'last';
}

/** The data set whose published default boxes a file was trained with. */
export type BoxSizes = PresetDataset;

/** What a person knows better than the layout does. */
export interface ConventionOverrides extends Partial<WeightConventions> {
  /** Whether the default boxes are those published for VOC or for COCO; absent: by the number of classes. */
  readonly boxSizes?: BoxSizes;
  /** The extra default box after the ratios instead of before them, as in detectors of TensorFlow and Paddle. */
  readonly extraBoxLast?: boolean;
}

/** Where a reference sets no limit. */
const UNLIMITED = 100_000;

const SSDLITE_RULES: DetectionRules = {
  ...CAFFE_RULES,
  scoreThreshold: 0.001,
  perClass: 300,
  iouThreshold: 0.55,
  perImage: 300,
  clipFirst: true,
};

const SSD_PIXELS: Preprocessing = { channelOrder: 'rgb', mean: [123, 117, 104], std: [1, 1, 1] };

/** What layouts say; what they leave out is the architecture's own. */
interface LayoutConventions {
  readonly preprocessing?: Preprocessing;
  readonly clip?: PriorClipping;
  readonly detection?: DetectionRules;
  readonly background?: 'last';
  /** The layout's default boxes whatever the classes. */
  readonly boxSizes?: BoxSizes;
  /** Sizes cut to whole pixels (SPEC.md 2.2). */
  readonly wholePixels?: true;
}

function layoutConventions(layout: LayoutId, architecture: ArchitectureId): LayoutConventions {
  switch (layout) {
    case 'torchvision':
      if (architecture === 'ssdlite320') return { clip: 'size', detection: SSDLITE_RULES };
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
        detection: { ...CAFFE_RULES, scoreThreshold: 0.02, perClass: 1000, clipFirst: true },
        background: 'last',
        wholePixels: true,
      };
    case 'ultralight':
      return { clip: 'all', detection: { ...CAFFE_RULES, iouThreshold: 0.3 } };
    case 'rfbnet':
      return { clip: 'all', detection: { ...CAFFE_RULES, perClass: UNLIMITED, pixels: 'inclusive' } };
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
  const of = layoutConventions(layout, network.architecture);
  const dataset = overrides.boxSizes ?? of.boxSizes ?? boxSizesOf(fileClasses);
  const published = publishedDefaultBoxes(network, {
    ...(dataset && { dataset }),
    ...(of.wholePixels && { wholePixels: true }),
  });
  return {
    preprocessing: overrides.preprocessing ?? of.preprocessing ?? own,
    defaultBoxes: overrides.defaultBoxes ?? {
      ...published,
      clip: of.clip ?? published.clip,
      ...(overrides.extraBoxLast && { extraBoxLast: true }),
    },
    detection: overrides.detection ?? of.detection ?? CAFFE_RULES,
    background: overrides.background ?? of.background ?? 'first',
  };
}

/** VOC's 20 classes, COCO's 80 or its 90 ids with gaps, and background; others say nothing. */
function boxSizesOf(fileClasses: number | null): BoxSizes | undefined {
  if (fileClasses === 21) return 'voc';
  return fileClasses === 81 || fileClasses === 91 ? 'coco' : undefined;
}
