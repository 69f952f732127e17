import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { freeName, nameOfBoxes, nameProblem, sameBoxes, type NamedBoxes } from '@core/priors/named-boxes';
import { presetDefaultBoxes, VOC300 } from '@core/priors/presets';

const network = defaultChoice('ssd300');
const named = (id: number, name: string, change: Partial<NamedBoxes> = {}): NamedBoxes => ({
  id,
  name,
  network,
  configuration: VOC300,
  savedAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

describe('names of default boxes', () => {
  it('are refused when they are empty, too long, or stand for something else', () => {
    expect(nameProblem('small objects')).toBeNull();
    for (const name of ['', '  ', 'Preset', 'PRESENT', 'run:3', 'x'.repeat(81)])
      expect(nameProblem(name)).not.toBeNull();
  });

  it('of a copy are free, and no longer than a name may be', () => {
    expect(freeName('cells', ['other'])).toBe('cells');
    expect(freeName('cells', ['Cells', 'cells 2'])).toBe('cells 3');
    const long = 'x'.repeat(80);
    expect(freeName(long, [long])).toHaveLength(80);
  });
});

describe('default boxes', () => {
  it('are the same whatever the order in which they were written down', () => {
    const { clip, offset, variances, sources } = VOC300;
    expect(sameBoxes(VOC300, { extraBoxLast: false, variances, offset, clip, sources })).toBe(true);
    expect(sameBoxes(VOC300, { ...VOC300, extraBoxLast: true })).toBe(false);
    expect(sameBoxes(VOC300, { ...VOC300, sources: sources.slice(1) })).toBe(false);
  });

  it('have the name of their content and network, not one that was merely claimed', () => {
    const known = [
      named(1, 'cells'),
      named(2, 'copy'),
      named(3, 'others', { configuration: { ...VOC300, offset: 0.25 } }),
      named(4, 'elsewhere', { network: defaultChoice('rfbnet300') }),
    ];
    expect(nameOfBoxes(known, network, VOC300)).toBe('cells');
    expect(nameOfBoxes(known, network, VOC300, 'copy')).toBe('copy');
    expect(nameOfBoxes(known, network, VOC300, 'others')).toBe('cells');
    expect(nameOfBoxes(known, defaultChoice('rfb320'), presetDefaultBoxes(defaultChoice('rfb320')))).toBeNull();
  });
});
