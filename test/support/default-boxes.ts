/** Configurations of default boxes for property tests. */
import fc from 'fast-check';
import type { DefaultBoxConfiguration, PriorClipping, SourceBoxes } from '@core/priors/configuration';

/** Two sources on any grid: several shapes, sizes beyond the picture, steps that overrun it or stop short, every clipping and order. */
export const anyConfiguration: fc.Arbitrary<DefaultBoxConfiguration> = fc.record({
  sources: fc.tuple(anySource(), anySource()),
  clip: fc.constantFrom<PriorClipping>('none', 'all', 'size'),
  offset: fc.double({ min: 0, max: 1, noNaN: true }),
  variances: fc.constant([0.1, 0.2] as const),
  extraBoxLast: fc.boolean(),
});

function anySource(): fc.Arbitrary<SourceBoxes> {
  const size = fc.double({ min: 5, max: 400, noNaN: true });
  const step = fc.double({ min: 10, max: 60, noNaN: true });
  return fc.record({
    minSizes: fc.array(size, { minLength: 1, maxLength: 2 }),
    maxSizes: fc.array(size, { maxLength: 1 }),
    aspectRatios: fc.subarray([2, 3]),
    step: fc.option(fc.tuple(step, step)),
  });
}
