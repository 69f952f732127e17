/** Schema of what a run varies about its pictures. Configurations from before a field existed are read as not having used it. */
import { z } from 'zod';
import { NO_AUGMENTATION, type AugmentConfiguration } from '../augment/configuration';

const probability = z.number().min(0).max(1);

type Later = 'channelShuffle' | 'shear' | 'rotation' | 'slantedBoxes' | 'zoomIn';
type ZoomIn = AugmentConfiguration['zoomIn'];
export type AugmentConfigurationInput = Omit<AugmentConfiguration, Later> &
  Partial<Omit<Pick<AugmentConfiguration, Later>, 'zoomIn'>> & {
    readonly zoomIn: Omit<ZoomIn, 'rule'> & Partial<Pick<ZoomIn, 'rule'>>;
  };

export const augmentConfiguration: z.ZodType<AugmentConfiguration, AugmentConfigurationInput> = z.object({
  photometric: z.object({
    probability,
    brightness: z.number().min(0).max(255),
    contrast: z.number().min(0).max(1),
    saturation: z.number().min(0).max(1),
    hueDegrees: z.number().min(0).max(180),
  }),
  channelShuffle: z.object({ probability }).default(NO_AUGMENTATION.channelShuffle),
  shear: z.object({ probability, maxFactor: z.number().min(0).max(0.5) }).default(NO_AUGMENTATION.shear),
  rotation: z.object({ probability, maxDegrees: z.number().min(0).max(45) }).default(NO_AUGMENTATION.rotation),
  slantedBoxes: z.enum(['corners', 'ellipse']).default(NO_AUGMENTATION.slantedBoxes),
  zoomOut: z.object({ probability, maxRatio: z.number().min(1).max(10) }),
  zoomIn: z.object({
    probability,
    minScale: z.number().min(0.05).max(1),
    rule: z.enum(['atLeastOne', 'all']).default(NO_AUGMENTATION.zoomIn.rule),
  }),
  horizontalFlip: z.object({ probability }),
  verticalFlip: z.object({ probability }),
});
