/** Which augmentations a run draws from and how strongly (SPEC.md 6). Probabilities are in [0, 1]. */
export interface AugmentConfiguration {
  readonly photometric: {
    /** Of each of the four changes by itself. */
    readonly probability: number;
    /** Added to 0-255 values: U(-brightness, brightness). Contrast and saturation: factor U(1 - x, 1 + x). Hue: U(-x, x). */
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    readonly hueDegrees: number;
  };
  /** Red, green and blue in another order. 0 in Caffe; ports of SSD use .5. */
  readonly channelShuffle: { readonly probability: number };
  /** x' = x + factor * y, or y' = y + factor * x by a coin; factor U(-maxFactor, maxFactor). */
  readonly shear: { readonly probability: number; readonly maxFactor: number };
  /** By U(-maxDegrees, maxDegrees). */
  readonly rotation: { readonly probability: number; readonly maxDegrees: number };
  readonly slantedBoxes: SlantedBoxes;
  /** Expand: the picture on a larger canvas filled with the mean; ratio U(1, maxRatio). */
  readonly zoomOut: { readonly probability: number; readonly maxRatio: number };
  /** IoU crop. minScale: sqrt(area of a crop / area of the canvas) is U(minScale, 1). */
  readonly zoomIn: { readonly probability: number; readonly minScale: number; readonly rule: CropRule };
  readonly horizontalFlip: { readonly probability: number };
  readonly verticalFlip: { readonly probability: number };
}

/** How many objects must overlap a crop as much as its sampler asks: one (Caffe) or every one (RFBNet, mmdetection). */
export type CropRule = 'atLeastOne' | 'all';

/**
 * The box of a sheared or rotated object: around the box's four corners, which always holds the object whole but grows by the
 * slant, or around the ellipse in the box, which fits round objects and cuts the corners off others.
 */
export type SlantedBoxes = 'corners' | 'ellipse';

/** What can be switched on and off; the rest of the configuration says how. */
export const AUGMENTATION_IDS = [
  'horizontalFlip',
  'verticalFlip',
  'zoomOut',
  'zoomIn',
  'rotation',
  'shear',
  'photometric',
  'channelShuffle',
] as const satisfies readonly (keyof AugmentConfiguration)[];
export type AugmentationId = (typeof AUGMENTATION_IDS)[number];

export const NO_AUGMENTATION: AugmentConfiguration = {
  photometric: { probability: 0, brightness: 0, contrast: 0, saturation: 0, hueDegrees: 0 },
  channelShuffle: { probability: 0 },
  shear: { probability: 0, maxFactor: 0 },
  rotation: { probability: 0, maxDegrees: 0 },
  slantedBoxes: 'corners',
  zoomOut: { probability: 0, maxRatio: 1 },
  zoomIn: { probability: 0, minScale: 1, rule: 'atLeastOne' },
  horizontalFlip: { probability: 0 },
  verticalFlip: { probability: 0 },
};

/** What SSD300* and SSD512* were trained with (Caffe, SPEC.md 6.1). */
export const DEFAULT_AUGMENTATION: AugmentConfiguration = {
  ...NO_AUGMENTATION,
  photometric: { probability: 0.5, brightness: 32, contrast: 0.5, saturation: 0.5, hueDegrees: 36 },
  zoomOut: { probability: 0.5, maxRatio: 4 },
  zoomIn: { probability: 1, minScale: 0.3, rule: 'atLeastOne' },
  horizontalFlip: { probability: 0.5 },
};
