/**
 * Exponentially weighted mean of a curve, corrected for its start (Adam's bias correction), so that the first values are not
 * pulled to zero. `weight` is that of the past, in [0, 1). Values that are no number stay as they are and are not averaged.
 */
export function smooth(values: readonly number[], weight: number): readonly number[] {
  let mean = 0;
  let mass = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = weight * mean + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return mean / mass;
  });
}
