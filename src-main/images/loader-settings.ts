/** What the loader needs of a run: the same for the training and for whoever looks at its pictures beforehand. */
import type { NetworkDescription } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import type { RunSnapshot } from '../services/ports';
import type { LoaderSettings } from './batch';

/** @param description of the snapshot's network @param cacheBytes memory for decoded pictures */
export function loaderSettings(
  { train: images, configuration }: Pick<RunSnapshot, 'train' | 'configuration'>,
  description: NetworkDescription,
  cacheBytes: number,
): LoaderSettings {
  const { defaultBoxes, matchingThreshold, matchingRule, augment, batchSize, seed } = configuration;
  const { input, preprocessing } = description;
  const matching = { defaultBoxes, maps: sourceMaps(description), matchingThreshold, matchingRule };
  return { images, batchSize, seed, cacheBytes, ...matching, input, preprocessing, augment };
}
