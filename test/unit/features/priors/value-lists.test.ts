import { describe, expect, it } from 'vitest';
import { VOC300 } from '@core/priors/presets';
import { listText, withListed } from '../../../../src-renderer/features/priors/value-lists';

const [first] = VOC300.sources;

describe('values typed into a suggestion', () => {
  it('are written and read back as they are', () => {
    for (const which of ['minSizes', 'maxSizes', 'aspectRatios'] as const) {
      for (const source of VOC300.sources) {
        expect(withListed(source, which, listText(source[which]))).toEqual({ source });
      }
    }
  });

  it('take as many sizes as there are, and no max size at all for no extra box', () => {
    expect(withListed(first, 'minSizes', '31.5')).toEqual({ source: { ...first, minSizes: [31.5] } });
    expect(withListed(first, 'maxSizes', ' ')).toEqual({ source: { ...first, maxSizes: [] } });
    const several = { ...first, minSizes: [10, 16, 24], maxSizes: [] };
    expect(withListed(several, 'minSizes', '9 17;25')).toEqual({ source: { ...several, minSizes: [9, 17, 25] } });
    for (const text of ['', '31 32', '-5', '0', 'x', '1e9']) {
      expect(withListed(first, 'minSizes', text), text).toEqual({ problem: expect.any(String) });
    }
  });

  it('sort ratios, take 3:2 and 2/3 for one, and say which cannot be taken', () => {
    expect(withListed(first, 'aspectRatios', '3, 3:2')).toEqual({ source: { ...first, aspectRatios: [1.5, 3] } });
    expect(withListed(first, 'aspectRatios', '')).toEqual({ source: { ...first, aspectRatios: [] } });
    expect(withListed(first, 'aspectRatios', '1.5 2/3')).toEqual({ problem: expect.stringContaining('2/3') });
    expect(withListed(first, 'aspectRatios', '2 tall')).toEqual({ problem: expect.stringContaining('tall') });
  });
});
