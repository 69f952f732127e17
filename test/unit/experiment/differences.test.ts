import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION } from '@core/augment/configuration';
import { configurationDifferences } from '@core/experiment/differences';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { presetDefaultBoxes } from '@core/priors/presets';
import { withAspectRatios, withScales } from '@core/priors/scales';
import { SMALL_RUN } from '../../support/training-run';

const network = defaultChoice('rfb320');
const base: RunConfiguration = { ...SMALL_RUN, network, defaultBoxes: presetDefaultBoxes(network) };
const settings = (other: RunConfiguration) => configurationDifferences(base, other).map(({ setting }) => setting);

/** Every number and word of a configuration with the way to it. */
function leaves(value: unknown, way: readonly string[] = []): (readonly [way: readonly string[], leaf: unknown])[] {
  if (typeof value !== 'object' || value === null) return [[way, value]];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, [...way, key]));
}

function changed(value: unknown, [key, ...rest]: readonly string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, leaf);
  return copy;
}

describe('what differs between two configurations', () => {
  it('is nothing for one and the same, and for one that was written and read again', () => {
    expect(configurationDifferences(base, base)).toEqual([]);
    expect(configurationDifferences(base, JSON.parse(JSON.stringify(base)) as RunConfiguration)).toEqual([]);
  });

  it('never misses a setting, wherever it is', () => {
    const choice = defaultChoice('ssd300');
    const whole: RunConfiguration = {
      ...base,
      network: { ...choice, preprocessing: { channelOrder: 'bgr', mean: [104, 117, 123], std: [1, 1, 1] } },
      defaultBoxes: presetDefaultBoxes(choice),
      augment: DEFAULT_AUGMENTATION,
      minutes: 5,
    };
    const numbers = leaves(whole).filter(([way, leaf]) => {
      const above = way
        .slice(0, -1)
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], whole) as object;
      // The strength of an augmentation that is off means nothing.
      const unused = way.at(-1) !== 'probability' && 'probability' in above && above.probability === 0;
      return !unused && (typeof leaf === 'number' || typeof leaf === 'boolean');
    });
    expect(numbers.length).toBeGreaterThan(60);
    for (const [way, leaf] of numbers) {
      const value = typeof leaf === 'boolean' ? !leaf : way.includes('input') ? 320 : Number(leaf) + 0.25;
      const other = changed(whole, way, value) as RunConfiguration;
      expect(configurationDifferences(whole, other), way.join('.')).not.toEqual([]);
    }
  });

  it('also compares what only later versions know', () => {
    const later = { ...base, averageOfTomorrow: { decay: 0.99 } } as RunConfiguration;
    expect(configurationDifferences(base, later)).toEqual([
      { group: 'Training', setting: 'Average of tomorrow', a: '–', b: 'decay 0.99' },
    ]);
  });

  it('tells default boxes by their scales, ratios and count', () => {
    const wider = withScales(base.defaultBoxes, { sMin: 0.05, sMax: 0.8 }, network.input);
    const found = configurationDifferences(base, { ...base, defaultBoxes: wider });
    expect(found.map(({ setting }) => setting)).toEqual(['s_min', 's_max', 'Min sizes in px, map by map']);
    expect(found[0]).toMatchObject({ group: 'Default boxes', a: '0.0361', b: '0.05' });

    const more = withAspectRatios(
      base.defaultBoxes,
      base.defaultBoxes.sources.map(() => [2]),
    );
    expect(configurationDifferences(base, { ...base, defaultBoxes: more })).toEqual([
      { group: 'Default boxes', setting: 'Aspect ratios, map by map', a: '1 on every map', b: '1, 2 on every map' },
      { group: 'Default boxes', setting: 'Default boxes of a picture', a: '4,420', b: '13,260' },
      {
        group: 'Default boxes',
        setting: 'Default boxes of a cell, map by map',
        a: '3 · 2 · 2 · 3',
        b: '9 · 6 · 6 · 9',
      },
    ]);
  });

  it('says of an augmentation that is off no more than that', () => {
    const photometric = { probability: 0.5, brightness: 32, contrast: 0.5, saturation: 0.5, hueDegrees: 36 };
    expect(configurationDifferences(base, { ...base, augment: { ...base.augment, photometric } })).toEqual([
      {
        group: 'Augmentation',
        setting: 'Photometric',
        a: 'off',
        b: '50 % of the pictures, brightness 32, contrast 0.5, saturation 0.5, hue degrees 36',
      },
    ]);
    const unused = { ...base.augment.verticalFlip, probability: 0 };
    expect(settings({ ...base, augment: { ...base.augment, verticalFlip: unused } })).toEqual([]);
  });

  it('writes close numbers so that they differ, and takes rounding for no difference', () => {
    const other = { ...base, learningRate: base.learningRate * 1.0001 };
    expect(configurationDifferences(base, other)).toMatchObject([{ a: '0.01', b: '0.010001' }]);
    expect(settings({ ...base, learningRate: base.learningRate * (1 + 1e-9) })).toEqual([]);
  });

  it('compares runs of different detectors', () => {
    const choice = defaultChoice('ssd300');
    const found = configurationDifferences(base, {
      ...base,
      network: choice,
      defaultBoxes: presetDefaultBoxes(choice),
    });
    expect(found[0]).toEqual({ group: 'Network', setting: 'Detector', a: 'RFB-320', b: 'SSD300' });
    expect(found.map(({ group }) => group).filter((group, at, all) => group !== all[at - 1])).toEqual([
      'Network',
      'Default boxes',
    ]);
  });
});
