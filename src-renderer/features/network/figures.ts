/** Figures of a network as people read them. */
import type { NetworkFacts } from '@core/experiment/architecture-guide';
import { formatNumber } from '../../ui/format';

/** 26285486 -> "26.3 M". */
export const millions = (parameters: number): string => `${formatNumber(parameters / 1e6)} M`;

/** 62.8e9 -> "62.8 GFLOP". */
export const gigaflops = (flops: number): string => `${formatNumber(flops / 1e9)} GFLOP`;

/** How much of the picture a cell of the finest and of the coarsest map can take into account. */
export function viewText({ receptiveFields }: NetworkFacts): string {
  const side = ({ width, height }: NetworkFacts['receptiveFields'][number]) =>
    width === height ? `${width}` : `${width} × ${height}`;
  return `A cell of the finest map sees ${side(receptiveFields[0])} px around it, of the coarsest ${side(receptiveFields[receptiveFields.length - 1])} px.`;
}
