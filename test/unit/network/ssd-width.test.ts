import { describe, expect, it } from 'vitest';
import { buildNetwork, defaultChoice } from '@core/network/zoo';

function norm(widthMultiplier: number) {
  const network = buildNetwork({ ...defaultChoice('ssd300'), widthMultiplier }, 21, [4, 6, 6, 6, 4, 4]);
  const layer = network.layers.find(({ op }) => op === 'l2Norm');
  return layer?.op === 'l2Norm' ? layer.initialScale : NaN;
}

describe('the norm of conv4_3', () => {
  it('begins at 20, and in a narrower network at as much per channel', () => {
    expect(norm(1)).toBe(20);
    expect(norm(0.25)).toBe(10);
    expect(norm(0.5) ** 2 / 256).toBeCloseTo(20 ** 2 / 512, 12);
  });
});
