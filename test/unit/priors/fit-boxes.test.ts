import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { analyseCoverage } from '@core/priors/coverage';
import { fitDefaultBoxes, type DefaultBoxFit, type FitOptions } from '@core/priors/fit-boxes';
import type { FitObjects } from '@core/priors/fit-objects';
import { generateDefaultBoxes } from '@core/priors/generate';
import { VOC300 } from '@core/priors/presets';
import { columnsOf, someObjects } from '../../support/objects';

const ssd = defaultChoice('ssd300');
const maps = [38, 19, 10, 5, 3, 1].map((side) => ({ width: side, height: side }));
const OPTIONS: FitOptions = {
  budget: 8732,
  matchingThreshold: 0.5,
  freeScales: true,
  perClass: false,
  seed: 1,
  classes: 3,
};

function fitted(objects: FitObjects, options: Partial<FitOptions> = {}): DefaultBoxFit {
  const fitting = fitDefaultBoxes(objects, ssd, { ...OPTIONS, ...options });
  let last = 0;
  for (;;) {
    const step = fitting.next();
    if (step.done) return step.value;
    expect(step.value).toBeGreaterThanOrEqual(last === 0.95 ? 0 : last);
    expect(step.value).toBeLessThan(1);
    last = step.value;
  }
}

/** Wide objects of about 20 pixels, at places that follow no grid. */
const WIDE = columnsOf(
  Array.from({ length: 80 }, (_, i) => {
    const [w, h] = [34 + (i % 5), 12 + (i % 3)].map((pixels) => pixels / 300);
    const x = ((i * 0.6180339887) % 1) * (1 - w);
    const y = ((i * 0.7548776662) % 1) * (1 - h);
    return { corners: [x, y, x + w, y + h], classIndex: [1] };
  }),
);

describe('default boxes fitted under a budget', () => {
  it('never exceed it, never reach fewer objects than before, and say what analysing them says', () => {
    fc.assert(
      fc.property(
        fc.array(someObjects(4), { minLength: 8, maxLength: 12 }),
        fc.constantFrom(8732, 9000, 20_000),
        fc.boolean(),
        (pictures, budget, freeScales) => {
          const objects = columnsOf(pictures);
          const { before, after } = fitted(objects, { budget, freeScales });
          const boxes = generateDefaultBoxes(after.configuration, ssd.input, maps);
          expect(after.boxes).toBe(boxes.total);
          expect(after.boxes).toBeLessThanOrEqual(budget);
          expect(after.fitted.matched).toBeGreaterThanOrEqual(before.fitted.matched);
          expect(analyseCoverage(objects, boxes, 0.5).matched).toBe(after.fitted.matched);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('keep a smaller budget than there are boxes, and refuse one that no configuration keeps', () => {
    const { before, after, changed } = fitted(WIDE, { budget: 4000 });
    expect(changed).toBe(true);
    expect(after.boxes).toBeLessThanOrEqual(4000);
    expect(after.flops).toBeLessThan(before.flops);
    expect(() => fitted(WIDE, { budget: 1939 })).toThrow(/1940 default boxes already/);
  });

  it('find the shape of objects that no published box has', () => {
    const { before, after } = fitted(WIDE);
    expect(before.fitted.matched).toBeLessThan(60);
    expect(after.fitted.matched).toBeGreaterThan(75);
    expect(after.boxes).toBeLessThanOrEqual(8732);
    expect(after.configuration.sources[0].aspectRatios.some((ratio) => ratio > 2.2 && ratio < 3.5)).toBe(true);
  });

  it('stay in ascending order and below what their maps can learn; linked ones stay evenly spread', () => {
    const free = fitted(WIDE).after.configuration.sources.map(({ minSizes }) => minSizes[0]);
    expect([...free].sort((a, b) => a - b)).toEqual(free);
    [38, 19, 10, 5, 3].forEach((side, k) => expect(free[k]).toBeLessThanOrEqual((4 * 300) / side + 0.1));
    const linked = fitted(WIDE, { freeScales: false }).after.configuration.sources.map(({ minSizes }) => minSizes[0]);
    for (let k = 2; k < 5; k++) expect(linked[k + 1] - linked[k]).toBeCloseTo(linked[2] - linked[1], 0);
  });

  it('are the same for the same seed, whatever is held out, and those there were for hardly any objects', () => {
    const once = fitted(WIDE);
    expect(fitted(WIDE, { heldOut: WIDE }).after.configuration).toEqual(once.after.configuration);
    expect(fitted(WIDE, { heldOut: WIDE }).after.heldOut).toEqual(once.after.fitted);
    expect(once.after.heldOut).toBeNull();
    const none = fitted(columnsOf([]));
    expect(none).toMatchObject({ changed: false, objects: 0 });
    expect(none.after.configuration).toEqual(VOC300);
    expect(none.after.configuration.sources.map(boxesPerCell)).toEqual([4, 6, 6, 6, 4, 4]);
  });
});
