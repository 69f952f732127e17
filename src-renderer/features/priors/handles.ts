/**
 * Default boxes changed by their handles. A box of a cell stays on its centre; what a handle changes is a number of its map: a
 * square's size, the size behind a ratio (corners) or the ratio itself (edges), for every cell at once.
 */
import type { DefaultBoxConfiguration, SourceBoxes } from '@core/priors/configuration';
import { RATIO_RANGE, replaced, SIZE_RANGE } from './edits';

/** Which border moves: -1 left or top, 1 right or bottom, 0 neither. */
export interface Handle {
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

/** Corners first around, as the tab key walks. */
export const HANDLES: readonly (Handle & { readonly name: string; readonly cursor: string })[] = [
  { x: -1, y: -1, name: 'top left corner', cursor: 'nwse-resize' },
  { x: 0, y: -1, name: 'top edge', cursor: 'ns-resize' },
  { x: 1, y: -1, name: 'top right corner', cursor: 'nesw-resize' },
  { x: 1, y: 0, name: 'right edge', cursor: 'ew-resize' },
  { x: 1, y: 1, name: 'bottom right corner', cursor: 'nwse-resize' },
  { x: 0, y: 1, name: 'bottom edge', cursor: 'ns-resize' },
  { x: -1, y: 1, name: 'bottom left corner', cursor: 'nesw-resize' },
  { x: -1, y: 0, name: 'left edge', cursor: 'ew-resize' },
];

/** What a box of a cell is made from. */
export type BoxPart =
  | { readonly kind: 'min'; readonly size: number }
  | { readonly kind: 'extra'; readonly size: number }
  /** `tall`: the reciprocal of the ratio. */
  | { readonly kind: 'ratio'; readonly size: number; readonly ratio: number; readonly tall: boolean };

/** The parts of a cell's boxes in the order of `cellBoxShapes`; `size` and `ratio` are positions in the source's lists. */
export function boxParts({ minSizes, maxSizes, aspectRatios }: SourceBoxes, extraBoxLast = false): readonly BoxPart[] {
  return minSizes.flatMap((_, size): BoxPart[] => {
    const extra: BoxPart[] = maxSizes[size] === undefined ? [] : [{ kind: 'extra', size }];
    const ratios = aspectRatios.flatMap((__, ratio): BoxPart[] => [
      { kind: 'ratio', size, ratio, tall: false },
      { kind: 'ratio', size, ratio, tall: true },
    ]);
    return [{ kind: 'min', size }, ...(extraBoxLast ? [...ratios, ...extra] : [...extra, ...ratios])];
  });
}

export interface HandleDrag {
  readonly source: number;
  readonly cellBox: number;
  readonly handle: Handle;
  /** Where the handle is to be, from the centre of the box, in pixels of the network input. */
  readonly to: { readonly x: number; readonly y: number };
  /** Corners change size and ratio, edges of a ratio its size. */
  readonly shift: boolean;
  /** To whole pixels, to sizes of other boxes and to plain ratios. */
  readonly snap: boolean;
}

/** A size or ratio this near, relatively, is taken for the plain one. */
const SNAP_SIZE = 0.02;
const SNAP_RATIO = 0.04;
const PLAIN_RATIOS = [1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The configuration in which the handle lies where it was dragged; the same one where that cannot be. */
export function dragHandle(configuration: DefaultBoxConfiguration, drag: HandleDrag): DefaultBoxConfiguration {
  const boxes = configuration.sources[drag.source];
  const part = boxParts(boxes, configuration.extraBoxLast)[drag.cellBox];
  const width = 2 * Math.abs(drag.to.x);
  const height = 2 * Math.abs(drag.to.y);
  const { handle, shift } = drag;
  const isCorner = handle.x !== 0 && handle.y !== 0;
  if (part.kind !== 'ratio') {
    const side = isCorner ? (width + height) / 2 : handle.x !== 0 ? width : height;
    return part.kind === 'min' ? withMin(part.size, side) : withExtra(part.size, side);
  }
  const { size, tall } = part;
  const known = boxes.aspectRatios[part.ratio];
  const shape = tall ? 1 / known : known;
  if (isCorner) {
    const sized = withMin(size, Math.sqrt(width * height));
    return shift ? withRatio(sized, part.ratio, tall, width / height) : sized;
  }
  if (shift) return withMin(size, handle.x !== 0 ? width / Math.sqrt(shape) : height * Math.sqrt(shape));
  const side = boxes.minSizes[size];
  return withRatio(configuration, part.ratio, tall, handle.x !== 0 ? (width / side) ** 2 : (side / height) ** 2);

  function withMin(at: number, side: number): DefaultBoxConfiguration {
    const minSizes = replaced(boxes.minSizes, at, snappedSize(side));
    return withBoxes(configuration, { ...boxes, minSizes });
  }

  /** The extra box has the side sqrt(min * max): its max size follows. */
  function withExtra(at: number, side: number): DefaultBoxConfiguration {
    const min = boxes.minSizes[at];
    const max = snapped(bounded(side) ** 2 / min);
    return withBoxes(configuration, { ...boxes, maxSizes: replaced(boxes.maxSizes, at, bounded(max)) });
  }

  function withRatio(
    from: DefaultBoxConfiguration,
    at: number,
    isTall: boolean,
    widthByHeight: number,
  ): DefaultBoxConfiguration {
    const exact = Math.min(RATIO_RANGE[1], Math.max(RATIO_RANGE[0], isTall ? 1 / widthByHeight : widthByHeight));
    const plain = drag.snap ? PLAIN_RATIOS.find((each) => Math.abs(each - exact) < SNAP_RATIO * each) : undefined;
    const ratio = plain ?? Number(exact.toFixed(3));
    const others = boxes.aspectRatios.filter((_, i) => i !== at);
    if (others.some((other) => Math.abs(other - ratio) < 0.02)) return from;
    const source = from.sources[drag.source];
    return withBoxes(from, { ...source, aspectRatios: replaced(source.aspectRatios, at, ratio) });
  }

  function withBoxes(from: DefaultBoxConfiguration, changed: SourceBoxes): DefaultBoxConfiguration {
    return { ...from, sources: replaced(from.sources, drag.source, changed) };
  }

  function snappedSize(side: number): number {
    return bounded(snapped(side));
  }

  function snapped(side: number): number {
    if (!drag.snap) return Number(side.toFixed(2));
    const others = configuration.sources.flatMap((source, k) =>
      k === drag.source ? [] : [...source.minSizes, ...source.maxSizes],
    );
    const near = others.filter((other) => Math.abs(other - side) < SNAP_SIZE * other);
    const nearest = near.sort((a, b) => Math.abs(a - side) - Math.abs(b - side))[0];
    return nearest ?? Math.round(side);
  }
}

const bounded = (side: number): number => Math.min(SIZE_RANGE[1], Math.max(SIZE_RANGE[0], side));

/**
 * A focused handle moved by a key: the box becomes so many pixels of the input wider or higher.
 * @param box width and height of the box now, in pixels of the input
 */
export function nudgeHandle(
  configuration: DefaultBoxConfiguration,
  drag: Pick<HandleDrag, 'source' | 'cellBox' | 'handle'>,
  box: { readonly width: number; readonly height: number },
  by: { readonly x: number; readonly y: number },
): DefaultBoxConfiguration {
  const { handle } = drag;
  const moved = { x: by.x * handle.x, y: by.y * handle.y };
  if (moved.x === 0 && moved.y === 0) return configuration;
  // A key moves along one axis; at a corner the other follows in proportion, so that a step is a whole one.
  const isCorner = handle.x !== 0 && handle.y !== 0;
  const growth = 1 + (moved.x !== 0 ? moved.x / box.width : moved.y / box.height);
  const width = isCorner ? box.width * growth : box.width + moved.x;
  const height = isCorner ? box.height * growth : box.height + moved.y;
  if (Math.min(width, height) < SIZE_RANGE[0]) return configuration;
  return dragHandle(configuration, { ...drag, to: { x: width / 2, y: height / 2 }, shift: false, snap: false });
}
