/** Where the tools that compute VOC's average precision differ (SPEC.md 11.1). */

export interface VocConvention {
  /** `inclusive`: corners are pixel positions, sizes count one more (devkit; boxes as VOC files have them). `continuous`: no +1. */
  readonly pixels: 'inclusive' | 'continuous';
  /** An IoU of exactly the threshold: found (devkit, Caffe) or not (Python ports). */
  readonly atThreshold: 'found' | 'missed';
  readonly elevenPointThresholds: 'numpy' | 'exact';
  /** Difficult objects: detections of them are neither right nor wrong (devkit), or they are objects like all others. */
  readonly difficult: 'ignored' | 'counted';
}

export const DEVKIT: VocConvention = {
  pixels: 'inclusive',
  atThreshold: 'found',
  elevenPointThresholds: 'numpy',
  difficult: 'ignored',
};

export const VOC_IOU = 0.5;
