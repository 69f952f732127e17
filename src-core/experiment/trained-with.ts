/** What training with certain default boxes has given so far. */
import type { NetworkChoice } from '../network/description';
import type { DefaultBoxConfiguration } from '../priors/configuration';
import { networkKey, sameBoxes } from '../priors/named-boxes';
import type { RunSummary } from './run';

/** The run of this network and these default boxes with the best mean average precision; null when none of them has one. */
export function bestRunWith(
  runs: readonly RunSummary[],
  network: NetworkChoice,
  boxes: DefaultBoxConfiguration,
): (RunSummary & { readonly meanAveragePrecision: number }) | null {
  const key = networkKey(network);
  return runs.reduce<ReturnType<typeof bestRunWith>>((best, run) => {
    const { configuration, meanAveragePrecision } = run;
    if (meanAveragePrecision === null || meanAveragePrecision <= (best?.meanAveragePrecision ?? -1)) return best;
    if (networkKey(configuration.network) !== key || !sameBoxes(configuration.defaultBoxes, boxes)) return best;
    return { ...run, meanAveragePrecision };
  }, null);
}
