import { describe, expect, it } from 'vitest';
import { AUGMENTATION_IDS, DEFAULT_AUGMENTATION, NO_AUGMENTATION } from '@core/augment/configuration';
import {
  augmentationOf,
  changeStrength,
  NAMED_STRENGTHS,
  namedStrength,
  readStrength,
  STRENGTHS,
  switchAugmentation,
} from '@core/augment/strengths';
import { augmentConfiguration } from '@core/contract/augment-schema';
import { SUGGESTED_AUGMENTATION } from '@core/experiment/suggest';

describe('an augmentation', () => {
  it.each(AUGMENTATION_IDS)('%s goes on with a strength that acts and is accepted, and off', (id) => {
    const on = switchAugmentation(NO_AUGMENTATION, id, true);
    expect(on[id].probability).toBe(0.5);
    expect(augmentConfiguration.safeParse(on).success).toBe(true);
    for (const { field } of STRENGTHS[id])
      expect(readStrength(on, id, field)).not.toBe(readStrength(NO_AUGMENTATION, id, field));
    expect(switchAugmentation(on, id, false)[id].probability).toBe(0);
  });

  it('keeps its own strength when switched off and on', () => {
    const mild = { ...NO_AUGMENTATION, zoomOut: { probability: 0.5, maxRatio: 2 } };
    const again = switchAugmentation(switchAugmentation(mild, 'zoomOut', false), 'zoomOut', true);
    expect(again.zoomOut).toEqual({ probability: 0.5, maxRatio: 2 });
  });

  it('has the bounds of its schema', () => {
    for (const id of AUGMENTATION_IDS) {
      for (const { field, range, usual } of STRENGTHS[id]) {
        const accepts = (value: number) =>
          augmentConfiguration.safeParse(changeStrength(NO_AUGMENTATION, id, { [field]: value })).success;
        expect([field, ...[range[0], usual, range[1]].map(accepts)]).toEqual([field, true, true, true]);
        expect([field, accepts(range[0] - 0.01), accepts(range[1] + 0.01)]).toEqual([field, false, false]);
      }
    }
  });
});

describe('named strengths', () => {
  it('are known again, also where what is off has another strength', () => {
    for (const strength of NAMED_STRENGTHS) {
      const augment = augmentationOf(strength, SUGGESTED_AUGMENTATION);
      expect(namedStrength(augment, SUGGESTED_AUGMENTATION)).toBe(strength);
      expect(namedStrength(changeStrength(augment, 'shear', { maxFactor: 0.3 }), SUGGESTED_AUGMENTATION)).toBe(
        strength,
      );
      const own = switchAugmentation(augment, 'shear', true);
      expect(namedStrength(own, SUGGESTED_AUGMENTATION)).toBeNull();
    }
    const strict = { ...DEFAULT_AUGMENTATION, zoomIn: { ...DEFAULT_AUGMENTATION.zoomIn, rule: 'all' as const } };
    expect(namedStrength(strict, SUGGESTED_AUGMENTATION)).toBeNull();
  });
});

describe('configurations from before shear, rotation, channel order and crop rules', () => {
  it('are read as not having used them', () => {
    const { photometric, zoomOut, horizontalFlip, verticalFlip } = DEFAULT_AUGMENTATION;
    const old = { photometric, zoomOut, zoomIn: { probability: 1, minScale: 0.3 }, horizontalFlip, verticalFlip };
    expect(augmentConfiguration.parse(old)).toEqual(DEFAULT_AUGMENTATION);
  });
});
