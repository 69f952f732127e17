/** Which augmentations a run draws from and how strongly (SPEC.md 6.1). Probabilities are in [0, 1]. */
export interface AugmentConfiguration {
  readonly photometric: {
    readonly probability: number;
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    readonly hueDegrees: number;
  };
  /** Expand: the picture on a larger canvas filled with the mean; ratio U(1, maxRatio). */
  readonly zoomOut: { readonly probability: number; readonly maxRatio: number };
  /** IoU crop. minScale: shortest side of a crop as a fraction of the picture. */
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
