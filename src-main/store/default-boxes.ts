/** Default boxes and matching thresholds in use, one of each per network choice. */
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { networkKey } from '@core/priors/named-boxes';
import { defaultBoxConfiguration } from '@core/contract/run-schema';
import type { Connection } from './database';

export class DefaultBoxRepository {
  constructor(private readonly connection: Connection) {}

  /** Null also when what was saved is not a configuration any more. */
  load(network: NetworkChoice): DefaultBoxConfiguration | null {
    const saved = this.connection
      .prepare<[string], string>('SELECT configuration FROM default_boxes WHERE network = ?')
      .pluck()
      .get(networkKey(network));
    if (saved === undefined) return null;
    return defaultBoxConfiguration.safeParse(JSON.parse(saved)).data ?? null;
  }

  save(network: NetworkChoice, configuration: DefaultBoxConfiguration): void {
    this.connection
      .prepare(
        `INSERT INTO default_boxes (network, configuration) VALUES (?, ?)
         ON CONFLICT (network) DO UPDATE SET configuration = excluded.configuration`,
      )
      .run(networkKey(network), JSON.stringify(configuration));
  }

  /** IoU from which a default box learns an object; null where nobody chose one. */
  loadThreshold(network: NetworkChoice): number | null {
    const saved = this.connection
      .prepare<[string], number>('SELECT threshold FROM matching_threshold WHERE network = ?')
      .pluck()
      .get(networkKey(network));
    return saved ?? null;
  }

  saveThreshold(network: NetworkChoice, threshold: number): void {
    this.connection
      .prepare(
        `INSERT INTO matching_threshold (network, threshold) VALUES (?, ?)
         ON CONFLICT (network) DO UPDATE SET threshold = excluded.threshold`,
      )
      .run(networkKey(network), threshold);
  }
}
