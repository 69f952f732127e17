/** What the feature maps of a run are called, in the order of its sources. */
import { sourceMaps } from '../network/shapes';
import { buildNetwork } from '../network/zoo';
import { boxesPerCell } from '../priors/configuration';
import type { RunConfiguration } from './run';

/** By their size in cells: "40 × 30". Two maps of one size are told apart by their number. */
export function mapNames({ network, defaultBoxes }: Pick<RunConfiguration, 'network' | 'defaultBoxes'>): string[] {
  // The number of classes changes no map.
  const maps = sourceMaps(buildNetwork(network, 2, defaultBoxes.sources.map(boxesPerCell)));
  const sizes = maps.map(({ width, height }) => `${width} × ${height}`);
  return sizes.map((size, at) => (sizes.indexOf(size) === sizes.lastIndexOf(size) ? size : `${size} (map ${at + 1})`));
}
