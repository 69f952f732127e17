import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { boxesAt, nextPick } from '../../../../src-renderer/features/priors/pick-box';

const image = { width: 400, height: 300 };
const tolerance = [4 / image.width, 4 / image.height] as const;

function boxesOf(id: 'ssd300' | 'rfb320') {
  const network = defaultChoice(id);
  const preset = presetDefaultBoxes(network);
  const maps = sourceMaps(buildNetwork(network, 2, preset.sources.map(boxesPerCell)));
  return generateDefaultBoxes(preset, network.input, maps);
}

describe('picking a default box', () => {
  it.each(['ssd300', 'rfb320'] as const)('finds what looking at each box finds, near borders first: %s', (id) => {
    const boxes = boxesOf(id);
    const isShown = (prior: number) => prior % 3 !== 0;
    const unit = fc.double({ min: -0.1, max: 1.1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, (x, y) => {
        const found = boxesAt(boxes, { x, y, tolerance, isShown }, image);
        const contained: number[] = [];
        const distance = (prior: number) => {
          const [cx, cy, w, h] = boxes.centers.subarray(4 * prior, 4 * prior + 4);
          return [Math.abs(x - cx) - w / 2, Math.abs(y - cy) - h / 2];
        };
        for (let prior = 0; prior < boxes.total; prior++) {
          const [beyondX, beyondY] = distance(prior);
          // Within the rounding of 32 bits nobody can tell.
          const edge = Math.min(Math.abs(beyondX - tolerance[0]), Math.abs(beyondY - tolerance[1])) < 1e-6;
          if (isShown(prior) && !edge && beyondX <= tolerance[0] && beyondY <= tolerance[1]) contained.push(prior);
        }
        const set = new Set(found);
        expect(contained.every((prior) => set.has(prior))).toBe(true);
        expect(found.length - contained.length).toBeLessThan(20);
        const isNear = (prior: number) => {
          const [beyondX, beyondY] = distance(prior);
          return Math.max(beyondX / tolerance[0], beyondY / tolerance[1]) > -1 - 1e-4;
        };
        const firstInner = found.findIndex((prior) => !isNear(prior));
        if (firstInner >= 0) expect(found.slice(firstInner).filter((p) => isNear(p)).length).toBeLessThan(3);
      }),
      { numRuns: 40 },
    );
  });

  it('prefers the nearest border to the smallest box, and the smallest box away from borders', () => {
    const boxes = boxesOf('ssd300');
    const prior = boxes.offsets[4] + 4 * 6;
    const [cx, cy, w] = boxes.centers.subarray(4 * prior, 4 * prior + 4);
    const isShown = (each: number) => each >= boxes.offsets[4];
    expect(boxesAt(boxes, { x: cx - w / 2, y: cy + 0.03, tolerance, isShown }, image)[0]).toBe(prior);
    const inner = boxesAt(boxes, { x: cx, y: cy + 0.03, tolerance, isShown }, image);
    const area = (each: number) => Math.round(1e4 * boxes.centers[4 * each + 2] * boxes.centers[4 * each + 3]);
    expect(inner.map(area)).toEqual(inner.map(area).sort((a, b) => a - b));
  });

  it('goes around the boxes of a place by repeated clicks', () => {
    expect(nextPick([], 3)).toBeNull();
    expect(nextPick([7, 3, 9], null)).toBe(7);
    expect(nextPick([7, 3, 9], 3)).toBe(9);
    expect(nextPick([7, 3, 9], 9)).toBe(7);
    expect(nextPick([7, 3, 9], 12)).toBe(7);
  });
});
