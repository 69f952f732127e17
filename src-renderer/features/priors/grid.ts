/** Cells of a source's feature map over the picture, and which default boxes belong to a cell (order of SPEC.md 2.3). */
import type { CornerBox, Unit } from '@core/geometry/box';
import type { Size } from '@core/geometry/convert';
import { boxesPerCell, type DefaultBoxConfiguration } from '@core/priors/configuration';

export interface Grid {
  readonly width: number;
  readonly height: number;
  /** From one cell to the next, in Unit. The cells need not end where the picture ends: SSD300's third map is 10 cells of 32 in 300 pixels. */
  readonly pitch: readonly [x: number, y: number];
  readonly boxesPerCell: number;
  /** Position of the source's first default box among all. */
  readonly firstBox: number;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The grids of all sources, one after the other. */
export function gridsOf(configuration: DefaultBoxConfiguration, input: Size, maps: readonly Size[]): readonly Grid[] {
  let firstBox = 0;
  return configuration.sources.map((source, k) => {
    const { width, height } = maps[k];
    const step = source.step ?? [input.width / width, input.height / height];
    const pitch = [step[0] / input.width, step[1] / input.height] as const;
    const grid: Grid = { width, height, pitch, boxesPerCell: boxesPerCell(source), firstBox };
    firstBox += boxCount(grid);
    return grid;
  });
}

export const boxCount = (grid: Grid): number => grid.width * grid.height * grid.boxesPerCell;

/** The cell under a point of the picture in Unit coordinates, or null outside of the picture and of the map. */
export function cellAt({ width, height, pitch }: Grid, x: number, y: number): Cell | null {
  if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) return null;
  const [column, row] = [Math.floor(x / pitch[0]), Math.floor(y / pitch[1])];
  return column < width && row < height ? { row, column } : null;
}

/** Positions of the cell's default boxes among all. */
export function boxesOfCell(grid: Grid, { row, column }: Cell): readonly number[] {
  const first = grid.firstBox + (row * grid.width + column) * grid.boxesPerCell;
  return Array.from({ length: grid.boxesPerCell }, (_, index) => first + index);
}

/** The cell moved in a direction, kept on the map: for the arrow keys. */
export function moveCell(grid: Grid, cell: Cell, rows: number, columns: number): Cell {
  const keep = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
  return { row: keep(cell.row + rows, grid.height), column: keep(cell.column + columns, grid.width) };
}

export function cellBox({ pitch }: Grid, { row, column }: Cell): CornerBox<Unit> {
  return { x1: column * pitch[0], y1: row * pitch[1], x2: (column + 1) * pitch[0], y2: (row + 1) * pitch[1] };
}
