/** Changes of colour, drawn (SPEC.md 6.1, Distort). They are applied to RGB values of 0-255 by whoever holds the pixels. */
import type { Random } from '../random/random';
import type { AugmentConfiguration } from './configuration';

export type PhotometricStep =
  /** Added to every channel. */
  | { readonly kind: 'brightness'; readonly delta: number }
  /** Times every channel. */
  | { readonly kind: 'contrast'; readonly factor: number }
  /** Times the saturation of HSV. */
  | { readonly kind: 'saturation'; readonly factor: number }
  /** Added to the hue of HSV, in degrees; it wraps. */
  | { readonly kind: 'hue'; readonly degrees: number }
  /** The new red, green and blue are the old channels of these positions. */
  | { readonly kind: 'channels'; readonly order: readonly [number, number, number] };

/** Brightness first, then contrast before or after saturation and hue, by a coin; each by its own coin. */
export function drawPhotometric(configuration: AugmentConfiguration['photometric'], random: Random): PhotometricStep[] {
  const { probability, brightness, contrast, saturation, hueDegrees } = configuration;
  const contrastFirst = random.chance(0.5);
  const brightnessStep = drawStep(brightness, (delta) => ({ kind: 'brightness', delta }));
  const contrastStep = drawStep(contrast, (change) => ({ kind: 'contrast', factor: 1 + change }));
  const saturationStep = drawStep(saturation, (change) => ({ kind: 'saturation', factor: 1 + change }));
  const hueStep = drawStep(hueDegrees, (degrees) => ({ kind: 'hue', degrees }));
  return contrastFirst
    ? [...brightnessStep, ...contrastStep, ...saturationStep, ...hueStep]
    : [...brightnessStep, ...saturationStep, ...hueStep, ...contrastStep];

  function drawStep(strength: number, make: (change: number) => PhotometricStep): PhotometricStep[] {
    const applied = random.chance(probability);
    const change = random.uniform(-strength, strength);
    return applied && strength > 0 ? [make(change)] : [];
  }
}

/** One of the six orders of the channels, the usual one among them, each as likely as another; after all other changes. */
export function drawChannelShuffle(
  { probability }: AugmentConfiguration['channelShuffle'],
  random: Random,
): PhotometricStep[] {
  const applied = random.chance(probability);
  const order: [number, number, number] = [0, 1, 2];
  random.shuffle(order);
  return applied && order.some((channel, position) => channel !== position) ? [{ kind: 'channels', order }] : [];
}
