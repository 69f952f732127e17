/** What a file's predictors were made for, read from their channels (SPEC.md 2.3): 4k offsets, C*k confidences. */
import type { NetworkDescription } from '../network/description';
import type { Layout } from './layouts';
import type { TensorIndex } from './prefix';

export interface FileHeads {
  /** Including background; null where the file has no class predictors or they disagree. */
  readonly classes: number | null;
  /** For each source; null where the file has no box predictor for it, or not one of 4k channels. */
  readonly boxesPerCell: readonly (number | null)[];
}

/** @param network any network of the architecture: only its sources' names count, not its predictors' widths */
export function readHeads(layout: Layout, index: TensorIndex, network: NetworkDescription): FileHeads {
  const channels = (layer: string): number | null => {
    for (const suffix of ['weight', 'bias']) {
      for (const { name } of layout.spellings(`${layer}.${suffix}`)) {
        const found = index.tensors.get(name)?.shape[0];
        if (found !== undefined) return found;
      }
    }
    return null;
  };
  const boxesPerCell = network.sources.map(({ localisation }) => {
    const found = channels(localisation);
    return found !== null && found >= 4 && found % 4 === 0 ? found / 4 : null;
  });
  const classes = new Set<number>();
  network.sources.forEach(({ confidence }, k) => {
    const found = channels(confidence);
    if (found !== null) classes.add(found / (boxesPerCell[k] ?? network.sources[k].boxesPerCell));
  });
  const [only] = classes;
  return { classes: classes.size === 1 && Number.isInteger(only) && only >= 2 ? only : null, boxesPerCell };
}
