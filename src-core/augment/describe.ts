/** A drawn plan in words, for those who look at what training sees. */
import type { Size } from '../geometry/convert';
import type { PhotometricStep } from './photometric';
import type { AugmentPlan } from './plan';
import type { DroppedBox } from './view';

/** What was done to the picture, in the order in which it is done; empty for the whole picture as it is. */
export function describePlan(
  { photometric, view }: Pick<AugmentPlan, 'photometric' | 'view'>,
  picture: Size,
): string[] {
  const { slant, region, flipHorizontal, flipVertical } = view;
  const canvas = slant?.canvas ?? picture;
  const area = (region.x2 - region.x1) * (region.y2 - region.y1);
  const enlarged = Math.sqrt((canvas.width * canvas.height) / area);
  const isWhole = region.x1 === 0 && region.y1 === 0 && region.x2 === canvas.width && region.y2 === canvas.height;
  const zoom =
    enlarged >= 1 ? `zoomed in ${enlarged.toFixed(2)} times` : `zoomed out ${(1 / enlarged).toFixed(2)} times`;
  return [
    ...photometric.map(describeStep),
    ...(slant && slant.shearX !== 0 ? [`sheared sideways by ${fixed(slant.shearX, 2)}`] : []),
    ...(slant && slant.shearY !== 0 ? [`sheared up and down by ${fixed(slant.shearY, 2)}`] : []),
    ...(slant && slant.degrees !== 0 ? [`turned by ${fixed(slant.degrees, 1)}°`] : []),
    ...(isWhole ? [] : [zoom]),
    ...(flipHorizontal ? ['mirrored left to right'] : []),
    ...(flipVertical ? ['mirrored top to bottom'] : []),
  ];
}

const fixed = (value: number, digits: number): string => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(digits)}`;

function describeStep(step: PhotometricStep): string {
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(Math.round(value))}`;
  switch (step.kind) {
    case 'brightness':
      return `brightness ${signed(step.delta)}`;
    case 'contrast':
    case 'saturation':
      return `${step.kind} × ${step.factor.toFixed(2)}`;
    case 'hue':
      return `hue ${signed(step.degrees)}°`;
    default:
      return `colours as ${step.order.map((channel) => ['red', 'green', 'blue'][channel]).join(', ')}`;
  }
}

/** Why nothing learns an object of this picture, as a sentence. */
export const DROP_REASONS: Readonly<Record<DroppedBox['reason'], string>> = {
  'no area': 'Its box has no area.',
  'centre outside the crop': 'Its centre lies outside what the network sees.',
  'no area inside the crop': 'Nothing of its box is left inside what the network sees.',
};
