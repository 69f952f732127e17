/** An explanation in words, the same in the window and on the command line. Maps, columns, rows and boxes count from 1. */
import type { BoxPlace, BoxShape } from './box-place';
import type { Fate } from './selection-trace';

/** "1:2", "2:1"; ratios of other numbers as they are: "0.41". */
function describeRatio(ratio: number): string {
  const [wide, tall] = [Math.round(ratio), Math.round(1 / ratio)];
  if (Math.abs(ratio - wide) < 1e-6) return `${wide}:1`;
  return Math.abs(1 / ratio - tall) < 1e-6 ? `1:${tall}` : ratio.toFixed(2);
}

/** "size 64, 2:1". */
export function describeShape({ size, ratio, extra }: BoxShape): string {
  return `size ${Number(size.toFixed(1))}, ${describeRatio(ratio)}${extra ? ', between two sizes' : ''}`;
}

/** "map 3 (10 × 8), column 5, row 4, box 2". */
export function describePlace({ source, map, column, row, cellBox }: BoxPlace): string {
  return `map ${source + 1} (${map.width} × ${map.height}), column ${column + 1}, row ${row + 1}, box ${cellBox + 1}`;
}

export function describeFate(fate: Fate): string {
  switch (fate.kind) {
    case 'kept':
      return 'a detection';
    case 'weak':
      return 'scores too low to be looked at';
    case 'suppressed':
      return `removed by NMS in favour of default box ${fate.by}, IoU ${fate.iou.toFixed(2)}`;
    case 'beyondClassLimit':
      return 'too many of its class score higher';
    case 'beyondPictureLimit':
      return 'too many in the picture score higher';
    case 'outside':
      return 'outside the picture';
  }
}
