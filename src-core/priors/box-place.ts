/** Where a default box comes from: its source, its cell, and which box of the cell it is (SPEC.md 2.3). */
import type { Size } from '../geometry/convert';
import type { DefaultBoxConfiguration, SourceBoxes } from './configuration';
import { sourceOf, type DefaultBoxes } from './generate';

/** What a box of a cell was made from. */
export interface BoxShape {
  /** Of its min size, in pixels of the network input. */
  readonly size: number;
  /** Width by height in those pixels, as configured: 1, 2, 1/2. */
  readonly ratio: number;
  /** The box sqrt(min*max): then `size` is that root. */
  readonly extra: boolean;
}

export interface BoxPlace {
  /** Position among all default boxes. */
  readonly prior: number;
  /** Position of the source, from 0 for the finest map. */
  readonly source: number;
  /** Cells of the source's map. */
  readonly map: Size;
  /** Of the cell, from 0. */
  readonly row: number;
  readonly column: number;
  /** Position among the boxes of the cell, from 0. */
  readonly cellBox: number;
  readonly shape: BoxShape;
}

/** The shapes of a cell in the order that `generateDefaultBoxes` lays them down. */
export function cellBoxShapes(source: SourceBoxes, extraBoxLast = false): readonly BoxShape[] {
  return source.minSizes.flatMap((size, i) => {
    const max = source.maxSizes[i];
    const extra = max === undefined ? [] : [{ size: Math.sqrt(size * max), ratio: 1, extra: true }];
    const ratios = source.aspectRatios.flatMap((ratio) => [
      { size, ratio, extra: false },
      { size, ratio: 1 / ratio, extra: false },
    ]);
    const square = { size, ratio: 1, extra: false };
    return extraBoxLast ? [square, ...ratios, ...extra] : [square, ...extra, ...ratios];
  });
}

/** @throws RangeError when there is no such default box */
export function boxPlace(
  prior: number,
  boxes: Pick<DefaultBoxes, 'offsets' | 'grids' | 'total'>,
  configuration: Pick<DefaultBoxConfiguration, 'sources' | 'extraBoxLast'>,
): BoxPlace {
  if (!Number.isInteger(prior) || prior < 0 || prior >= boxes.total) {
    throw new RangeError(`there is no default box ${prior}: the network has ${boxes.total}`);
  }
  const source = sourceOf(boxes, prior);
  const { first, map, boxesPerCell } = boxes.grids[source];
  const cell = Math.floor((prior - first) / boxesPerCell);
  const cellBox = (prior - first) % boxesPerCell;
  return {
    prior,
    source,
    map: { width: map.width, height: map.height },
    row: Math.floor(cell / map.width),
    column: cell % map.width,
    cellBox,
    shape: cellBoxShapes(configuration.sources[source], configuration.extraBoxLast)[cellBox],
  };
}
