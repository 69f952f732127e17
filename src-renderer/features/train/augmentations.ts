/** The augmentations as people are told of them: what each is called, what it is for in a line, and its strengths. */
import type { AugmentationId, AugmentConfiguration } from '@core/augment/configuration';
import type { NamedStrength } from '@core/augment/strengths';

export interface AugmentationSetting {
  readonly id: AugmentationId;
  readonly label: string;
  readonly help: string;
}

export const AUGMENTATION_SETTINGS: readonly AugmentationSetting[] = [
  { id: 'horizontalFlip', label: 'Mirror left to right', help: 'For objects that may face either way.' },
  {
    id: 'verticalFlip',
    label: 'Mirror top to bottom',
    help: 'For pictures without an up, such as microscopy or aerial views.',
  },
  { id: 'zoomOut', label: 'Zoom out', help: 'Shrinks pictures on a plain canvas, for smaller objects.' },
  { id: 'zoomIn', label: 'Zoom in', help: 'Crops around objects, for larger and cut-off objects.' },
  {
    id: 'rotation',
    label: 'Rotate',
    help: 'Turns pictures a little, for a camera that is not level. Boxes grow looser.',
  },
  { id: 'shear', label: 'Shear', help: 'Leans pictures, for objects seen at an angle. Boxes grow looser.' },
  { id: 'photometric', label: 'Light and colour', help: 'Varies brightness, contrast, saturation and hue.' },
  { id: 'channelShuffle', label: 'Swap colours', help: 'Exchanges red, green and blue, where colour must not matter.' },
];

export const PROBABILITY = {
  label: 'How often',
  help: 'Of all showings of a picture, so many are changed. 1: every one.',
};

interface StrengthText {
  readonly label: string;
  readonly unit?: string;
  readonly help: string;
}

/** By the fields of the core's STRENGTHS. */
export const STRENGTH_TEXTS: Readonly<Record<string, StrengthText>> = {
  maxRatio: {
    label: 'Largest canvas',
    unit: '×',
    help: 'The canvas is up to so many times as wide and high as the picture.',
  },
  minScale: {
    label: 'Smallest crop',
    help: 'Side of the smallest crop as a share of the picture. Smaller shows objects larger.',
  },
  maxDegrees: {
    label: 'Farthest',
    unit: '°',
    help: 'Either way. A box grows with the angle, so small angles teach best.',
  },
  maxFactor: { label: 'Farthest', help: 'Pixels that a row moves for each row below it. Up to 0.2 boxes stay close.' },
  brightness: { label: 'Brightness', help: 'Added or taken away, of 255.' },
  contrast: { label: 'Contrast', help: 'More or less by up to this share.' },
  saturation: { label: 'Saturation', help: 'More or less colour by up to this share.' },
  hueDegrees: { label: 'Hue', unit: '°', help: 'Turned on the circle of colours by up to this.' },
};

export const NAMED_STRENGTH_OPTIONS: readonly { readonly value: NamedStrength; readonly label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'light', label: 'Light' },
  { value: 'paper', label: 'As in the papers' },
];

export const CROP_RULES: readonly {
  readonly value: AugmentConfiguration['zoomIn']['rule'];
  readonly label: string;
}[] = [
  { value: 'atLeastOne', label: 'One object (Caffe)' },
  { value: 'all', label: 'Every object (RFBNet)' },
];

export const SLANTED_BOXES: readonly {
  readonly value: AugmentConfiguration['slantedBoxes'];
  readonly label: string;
}[] = [
  { value: 'corners', label: 'Around its corners' },
  { value: 'ellipse', label: 'Around its ellipse' },
];
