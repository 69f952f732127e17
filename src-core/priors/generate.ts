/** Default boxes from their configuration: Caffe's PriorBox layer (SPEC.md 2.2 to 2.4). */
import { clamp, type Size } from '../geometry/convert';
import { boxesPerCell, type DefaultBoxConfiguration, type SourceBoxes } from './configuration';

/** The regular grid that the default boxes of one source lie on, in unit coordinates. */
export interface SourceGrid {
  /** Index of its first default box. */
  readonly first: number;
  readonly map: Size;
  readonly boxesPerCell: number;
  /** Width and height of each box of a cell [boxesPerCell, 2], clipped as the configuration says. */
  readonly shapes: Float64Array;
  /** Centres of the columns and rows, ascending, clipped as the configuration says. */
  readonly columns: Float64Array;
  readonly rows: Float64Array;
}

/** All default boxes of a network, source by source, rows outer, columns inner, then the boxes of the cell. */
export interface DefaultBoxes {
  /** [total, 4] cx, cy, w, h in unit coordinates: the form that offsets are encoded in. */
  readonly centers: Float32Array;
  /** [total, 4] x1, y1, x2, y2 in unit coordinates: the form that IoU is computed in. */
  readonly corners: Float32Array;
  /** First box of each source, then the total. */
  readonly offsets: readonly number[];
  readonly total: number;
  readonly grids: readonly SourceGrid[];
}

/**
 * @param input size of the network input in pixels
 * @param maps size of each source's feature map, from the network's shape inference
 * @throws RangeError when the number of maps is not the number of sources
 */
export function generateDefaultBoxes(
  configuration: DefaultBoxConfiguration,
  input: Size,
  maps: readonly Size[],
): DefaultBoxes {
  const grids = sourceGrids(configuration, input, maps);
  const offsets = grids.map((grid) => grid.first);
  const last = grids[grids.length - 1];
  const total = last ? last.first + gridBoxes(last) : 0;
  offsets.push(total);
  const centers = new Float32Array(total * 4);
  const corners = new Float32Array(total * 4);
  for (const grid of grids) {
    let at = grid.first * 4;
    for (const cy of grid.rows) {
      for (const cx of grid.columns) {
        for (let b = 0; b < grid.boxesPerCell; b++, at += 4) {
          const w = grid.shapes[2 * b];
          const h = grid.shapes[2 * b + 1];
          centers[at] = cx;
          centers[at + 1] = cy;
          centers[at + 2] = w;
          centers[at + 3] = h;
          corners[at] = cx - w / 2;
          corners[at + 1] = cy - h / 2;
          corners[at + 2] = cx + w / 2;
          corners[at + 3] = cy + h / 2;
        }
      }
    }
  }
  return { centers, corners, offsets, total, grids };
}

/** The grids alone: enough for counting and for coverage, without making the boxes. */
export function sourceGrids(
  configuration: DefaultBoxConfiguration,
  input: Size,
  maps: readonly Size[],
): readonly SourceGrid[] {
  if (maps.length !== configuration.sources.length) {
    throw new RangeError(`${configuration.sources.length} sources are configured, the network has ${maps.length}`);
  }
  const clipSize = configuration.clip !== 'none';
  const clipCenter = configuration.clip === 'all';
  let first = 0;
  return configuration.sources.map((source, k) => {
    const map = maps[k];
    const shapes = cellShapes(source, input);
    const columns = centersAlong(map.width, (source.step?.[0] ?? input.width / map.width) / input.width);
    const rows = centersAlong(map.height, (source.step?.[1] ?? input.height / map.height) / input.height);
    const grid = { first, map, boxesPerCell: boxesPerCell(source), shapes, columns, rows };
    first += gridBoxes(grid);
    return grid;
  });

  function centersAlong(cells: number, step: number): Float64Array {
    return Float64Array.from({ length: cells }, (_, i) => {
      const center = (i + configuration.offset) * step;
      return clipCenter ? clamp(center, 0, 1) : center;
    });
  }

  /** For each min size: min, sqrt(min*max), then each ratio and its reciprocal, Caffe's order; or sqrt(min*max) last. */
  function cellShapes(source: SourceBoxes, { width, height }: Size): Float64Array {
    const sizes: number[] = [];
    source.minSizes.forEach((min, i) => {
      sizes.push(min, min);
      const max = source.maxSizes[i];
      const extra = max === undefined ? [] : [Math.sqrt(min * max), Math.sqrt(min * max)];
      if (!configuration.extraBoxLast) sizes.push(...extra);
      for (const ratio of source.aspectRatios) {
        const root = Math.sqrt(ratio);
        sizes.push(min * root, min / root, min / root, min * root);
      }
      if (configuration.extraBoxLast) sizes.push(...extra);
    });
    return Float64Array.from(sizes, (size, i) => {
      const unit = size / (i % 2 === 0 ? width : height);
      return clipSize ? clamp(unit, 0, 1) : unit;
    });
  }
}

export function gridBoxes(grid: Pick<SourceGrid, 'map' | 'boxesPerCell'>): number {
  return grid.map.width * grid.map.height * grid.boxesPerCell;
}

/** The source that a default box belongs to. */
export function sourceOf(boxes: Pick<DefaultBoxes, 'offsets'>, prior: number): number {
  let source = 0;
  while (source + 2 < boxes.offsets.length && prior >= boxes.offsets[source + 1]) source++;
  return source;
}
