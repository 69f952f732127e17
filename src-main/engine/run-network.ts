/** What a run's snapshot says about its network: the description, and the default boxes that belong to it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioFailure } from '@core/contract/failure';
import { runConfiguration } from '@core/contract/run-schema';
import type { RunConfiguration } from '@core/experiment/run';
import type { NetworkDescription } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes, type DefaultBoxes } from '@core/priors/generate';
import type { RunSnapshot } from '../services/ports';

/** Throws StudioFailure when there is none or it is not one of ours. */
export async function readSnapshot(runDirectory: string): Promise<RunSnapshot> {
  const path = join(runDirectory, 'snapshot.json');
  try {
    const snapshot = JSON.parse(await readFile(path, 'utf8')) as RunSnapshot;
    if (snapshot.version !== 1) throw new Error(`it has version ${String(snapshot.version)}, this program reads 1`);
    return { ...snapshot, configuration: runConfiguration.parse(snapshot.configuration) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StudioFailure('unreadable', `The snapshot of this run cannot be read: ${reason}`, undefined, {
      cause: error,
    });
  }
}

export function describeRunNetwork(
  configuration: Pick<RunConfiguration, 'network' | 'defaultBoxes'>,
  classNames: readonly string[],
): NetworkDescription {
  const perCell = configuration.defaultBoxes.sources.map(boxesPerCell);
  return buildNetwork(configuration.network, classNames.length + 1, perCell);
}

export function defaultBoxesOf(
  { defaultBoxes }: Pick<RunConfiguration, 'defaultBoxes'>,
  description: NetworkDescription,
): DefaultBoxes {
  return generateDefaultBoxes(defaultBoxes, description.input, sourceMaps(description));
}
