import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { lostHeldOut, measureBoxes } from '@core/priors/measure-boxes';
import { VOC300 } from '@core/priors/presets';
import { withScales } from '@core/priors/scales';
import { columnsOf } from '../../support/objects';

/** Squares of 30 pixels in the middle of cells of the first map. */
const SMALL = columnsOf(
  [3, 9, 20].map((cell) => {
    const [low, high] = [-15, 15].map((by) => ((cell + 0.5) * 8 + by) / 300);
    return { corners: [low, low, high, high], classIndex: [1] };
  }),
);

describe('objects held out', () => {
  const network = defaultChoice('ssd300');
  const setting = { matchingThreshold: 0.5, classes: 3 };
  const large = withScales(VOC300, { sMin: 0.5, sMax: 0.9 }, network.input);
  const measure = (configuration: typeof VOC300, heldOut = SMALL) =>
    measureBoxes(configuration, network, { fitted: SMALL, heldOut }, setting);

  it('are counted where a change loses them, and not where it wins some', () => {
    expect(measure(VOC300).heldOut).toMatchObject({ objects: 3, matched: 3 });
    expect(lostHeldOut(measure(VOC300), measure(large))).toBe(3);
    expect(lostHeldOut(measure(large), measure(VOC300))).toBe(0);
  });

  it('are none where nothing is held out', () => {
    const alone = measureBoxes(large, network, { fitted: SMALL }, setting);
    expect(alone.heldOut).toBeNull();
    expect(lostHeldOut(measure(VOC300), alone)).toBe(0);
  });
});
