/** Which augmentations a run draws from and how strongly (SPEC.md 6.1). Probabilities are in [0, 1]. */
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
  /** Expand: the picture on a larger canvas filled with the mean; ratio U(1, maxRatio). */
  readonly zoomOut: { readonly probability: number; readonly maxRatio: number };
  /** IoU crop. minScale: sqrt(area of a crop / area of the canvas) is U(minScale, 1). */
  readonly zoomIn: { readonly probability: number; readonly minScale: number };
  readonly horizontalFlip: { readonly probability: number };
  readonly verticalFlip: { readonly probability: number };
}

export const NO_AUGMENTATION: AugmentConfiguration = {
  photometric: { probability: 0, brightness: 0, contrast: 0, saturation: 0, hueDegrees: 0 },
  zoomOut: { probability: 0, maxRatio: 1 },
  zoomIn: { probability: 0, minScale: 1 },
  horizontalFlip: { probability: 0 },
  verticalFlip: { probability: 0 },
};

/** What SSD300* and SSD512* were trained with (Caffe, SPEC.md 6.1). */
export const DEFAULT_AUGMENTATION: AugmentConfiguration = {
  photometric: { probability: 0.5, brightness: 32, contrast: 0.5, saturation: 0.5, hueDegrees: 36 },
  zoomOut: { probability: 0.5, maxRatio: 4 },
  zoomIn: { probability: 1, minScale: 0.3 },
  horizontalFlip: { probability: 0.5 },
  verticalFlip: { probability: 0 },
};
