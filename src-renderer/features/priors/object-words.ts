/** Sizes and shapes as the Boxes screen says them. */
import { formatNumber } from '../../ui/format';

interface Sides {
  /** In pixels of the network input. */
  readonly width: number;
  readonly height: number;
}

/** "12 × 40 px". */
export const sizeWords = ({ width, height }: Sides): string => `${pixels(width)} × ${pixels(height)} px`;

const pixels = (value: number): string => (value < 10 ? formatNumber(value, 2) : String(Math.round(value)));

/** Width by height as "3:1", "1:2.5". */
export function ratioWords(ratio: number): string {
  if (!(ratio > 0 && Number.isFinite(ratio))) return '–';
  return ratio >= 1 ? `${formatNumber(ratio, 2)}:1` : `1:${formatNumber(1 / ratio, 2)}`;
}

export const shapeWords = ({ width, height }: Sides): string => ratioWords(width / height);
