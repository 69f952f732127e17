/** Objects for property tests, and the shapes that the core takes them in. */
import fc from 'fast-check';
import type { CoverageObjects } from '@core/priors/object-table';
import type { MatchObjects } from '@core/priors/match';

/** Corner form in unit coordinates, inside the picture, at least `smallest` wide and high. */
export function unitBox(smallest = 0.01): fc.Arbitrary<[number, number, number, number]> {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.tuple(fraction, fraction, fraction, fraction).map(([x, y, w, h]) => {
    const width = smallest + (1 - smallest) * w;
    const height = smallest + (1 - smallest) * h;
    const x1 = x * (1 - width);
    const y1 = y * (1 - height);
    return [x1, y1, x1 + width, y1 + height];
  });
}

/** One to `most` objects of one picture. */
export function someObjects(most: number, smallest = 0.01): fc.Arbitrary<MatchObjects> {
  return fc.array(unitBox(smallest), { minLength: 1, maxLength: most }).map((boxes) => ({
    corners: boxes.flat(),
    classIndex: boxes.map((_, i) => i + 1),
  }));
}

/** The objects of several pictures as columns. */
export function columnsOf(pictures: readonly MatchObjects[]): CoverageObjects {
  const column = (offset: number): number[] =>
    pictures.flatMap(({ corners, classIndex }) => Array.from(classIndex, (_, i) => corners[i * 4 + offset]));
  return {
    imageId: pictures.flatMap(({ classIndex }, picture) => Array.from(classIndex, () => picture + 1)),
    x1: column(0),
    y1: column(1),
    x2: column(2),
    y2: column(3),
  };
}
