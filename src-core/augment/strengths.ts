/** How strongly each augmentation may act: its bounds, what switching it on gives, and named strengths of them all together. */
import { AUGMENTATION_IDS, DEFAULT_AUGMENTATION, NO_AUGMENTATION } from './configuration';
import type { AugmentationId, AugmentConfiguration } from './configuration';

/** One number of an augmentation; the bounds are those of contract/augment-schema.ts. */
export interface Strength {
  readonly field: string;
  readonly range: readonly [min: number, max: number];
  /** What an arrow key adds. */
  readonly step: number;
  /** What switching it on gives (SPEC.md 6; shear and rotation are small there because their boxes grow loose). */
  readonly usual: number;
}

export const STRENGTHS: Readonly<Record<AugmentationId, readonly Strength[]>> = {
  horizontalFlip: [],
  verticalFlip: [],
  zoomOut: [{ field: 'maxRatio', range: [1, 10], step: 0.1, usual: 4 }],
  zoomIn: [{ field: 'minScale', range: [0.05, 1], step: 0.05, usual: 0.3 }],
  rotation: [{ field: 'maxDegrees', range: [0, 45], step: 1, usual: 5 }],
  shear: [{ field: 'maxFactor', range: [0, 0.5], step: 0.01, usual: 0.1 }],
  photometric: [
    { field: 'brightness', range: [0, 255], step: 1, usual: 32 },
    { field: 'contrast', range: [0, 1], step: 0.05, usual: 0.5 },
    { field: 'saturation', range: [0, 1], step: 0.05, usual: 0.5 },
    { field: 'hueDegrees', range: [0, 180], step: 1, usual: 36 },
  ],
  channelShuffle: [],
};

/** How often an augmentation that is switched on is drawn (SPEC.md 6.1). */
const USUAL_PROBABILITY = 0.5;

type Numbers = Readonly<Record<string, number>>;

export function readStrength(augment: AugmentConfiguration, id: AugmentationId, field: string): number {
  return (augment[id] as unknown as Numbers)[field];
}

/** The same with other numbers for one augmentation: its probability or a field of `STRENGTHS`, not checked against the bounds. */
export function changeStrength(
  augment: AugmentConfiguration,
  id: AugmentationId,
  change: Numbers,
): AugmentConfiguration {
  return { ...augment, [id]: { ...augment[id], ...change } };
}

/** Switching on keeps the strength it has, and otherwise gives the usual one. */
export function switchAugmentation(
  augment: AugmentConfiguration,
  id: AugmentationId,
  on: boolean,
): AugmentConfiguration {
  if (!on) return changeStrength(augment, id, { probability: 0 });
  const strengths = STRENGTHS[id];
  const acts = strengths.some(
    ({ field }) => readStrength(augment, id, field) !== readStrength(NO_AUGMENTATION, id, field),
  );
  const usual = acts ? [] : strengths.map(({ field, usual: value }) => [field, value] as const);
  return changeStrength(augment, id, { ...Object.fromEntries(usual), probability: USUAL_PROBABILITY });
}

/** 'light' is what the studio suggests for the project; 'paper' what SSD300* and SSD512* were trained with. */
export const NAMED_STRENGTHS = ['none', 'light', 'paper'] as const;
export type NamedStrength = (typeof NAMED_STRENGTHS)[number];

/** @param suggested the project's suggestion: pictures without an up are mirrored top to bottom, whatever the strength */
export function augmentationOf(strength: NamedStrength, suggested: AugmentConfiguration): AugmentConfiguration {
  if (strength === 'none') return NO_AUGMENTATION;
  return strength === 'light' ? suggested : { ...DEFAULT_AUGMENTATION, verticalFlip: suggested.verticalFlip };
}

/** The name of a strength, or null for one of a person's own. */
export function namedStrength(augment: AugmentConfiguration, suggested: AugmentConfiguration): NamedStrength | null {
  return NAMED_STRENGTHS.find((strength) => equal(augment, augmentationOf(strength, suggested))) ?? null;
}

/** Of what is off only that it is off counts. */
function equal(a: AugmentConfiguration, b: AugmentConfiguration): boolean {
  return AUGMENTATION_IDS.every((id) => {
    if (a[id].probability !== b[id].probability) return false;
    const ruleEqual = id !== 'zoomIn' || a.zoomIn.rule === b.zoomIn.rule;
    const same = STRENGTHS[id].every(({ field }) => readStrength(a, id, field) === readStrength(b, id, field));
    return a[id].probability === 0 || (same && ruleEqual);
  });
}
