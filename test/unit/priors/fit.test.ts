import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkChoice } from '@core/network/description';
import { boxesPerCell } from '@core/priors/configuration';
import { analyseCoverage } from '@core/priors/coverage';
import { fitScales } from '@core/priors/fit';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { columnsOf, someObjects } from '../../support/objects';

const rfb: NetworkChoice = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } };
const rfbMaps = [40, 20, 10, 5].map((width, k) => ({ width, height: [30, 15, 8, 4][k] }));
const ssd: NetworkChoice = { architecture: 'ssd300', widthMultiplier: 1, input: { width: 300, height: 300 } };
const ssdMaps = [38, 19, 10, 5, 3, 1].map((side) => ({ width: side, height: side }));

/** Square objects of these sides in pixels of a 320x240 picture, at places that follow no grid. */
function squares(sides: readonly number[], each: number) {
  return columnsOf(
    sides.flatMap((side, s) =>
      Array.from({ length: each }, (_, i) => {
        const x = ((i * 0.6180339887 + s * 0.31) % 1) * (320 - side);
        const y = ((i * 0.7548776662 + s * 0.17) % 1) * (240 - side);
        return { corners: [x / 320, y / 240, (x + side) / 320, (y + side) / 240], classIndex: [1] };
      }),
    ),
  );
}

describe('fitted scales', () => {
  it('recover nearly every object of cells as large as in a blood smear', () => {
    const objects = squares([20, 45, 50, 55, 100], 60);
    const fitted = fitScales(objects, rfb, rfbMaps);
    expect(fitted.recall).toBeGreaterThan(0.97);
    expect(fitted.recall).toBeGreaterThanOrEqual(fitted.presetRecall);
    const boxes = generateDefaultBoxes(fitted.configuration, rfb.input, rfbMaps);
    expect(analyseCoverage(objects, boxes, 0.5).matched / 300).toBeCloseTo(fitted.recall, 9);
  });

  it('find objects far smaller than the preset has boxes for', () => {
    const fitted = fitScales(squares([5, 6, 7], 50), rfb, rfbMaps);
    expect(fitted.recall).toBeGreaterThan(fitted.presetRecall + 0.2);
  });

  it('keep boxes per cell, clipping and the ascending order, and never lose recall to the preset', () => {
    for (const [network, maps] of [
      [rfb, rfbMaps],
      [ssd, ssdMaps],
    ] as const) {
      const preset = presetDefaultBoxes(network);
      fc.assert(
        fc.property(fc.array(someObjects(5), { minLength: 5, maxLength: 15 }), (pictures) => {
          const { configuration, recall, presetRecall } = fitScales(columnsOf(pictures), network, maps);
          expect(recall).toBeGreaterThanOrEqual(presetRecall);
          expect(configuration.clip).toBe(preset.clip);
          expect(configuration.sources.map(boxesPerCell)).toEqual(preset.sources.map(boxesPerCell));
          const sizes = configuration.sources.flatMap((source) => source.minSizes);
          expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
          expect(Math.min(...sizes)).toBeGreaterThan(0);
        }),
        { numRuns: 5 },
      );
    }
  });

  it('are the preset where there are hardly any objects', () => {
    const fitted = fitScales(squares([30], 5), rfb, rfbMaps);
    expect(fitted.configuration).toEqual(presetDefaultBoxes(rfb));
    expect(fitScales(columnsOf([]), rfb, rfbMaps).recall).toBe(0);
  });
});
