/** Default boxes kept under names, several per network. */
import { StudioFailure } from '@core/contract/failure';
import { defaultBoxConfiguration, networkChoice } from '@core/contract/run-schema';
import { networkKey, type NamedBoxes } from '@core/priors/named-boxes';
import type { ProjectStore } from '../services/ports';
import type { Connection } from './database';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly network: string;
  readonly configuration: string;
  readonly saved_at: string;
}

export class NamedBoxesRepository {
  constructor(
    private readonly connection: Connection,
    private readonly now: () => Date,
  ) {}

  /** Newest first; without rows that hold no configuration of this program. */
  list(): readonly NamedBoxes[] {
    const rows = this.connection.prepare<[], Row>('SELECT * FROM named_boxes ORDER BY saved_at DESC, id DESC').all();
    return rows.flatMap((row) => toNamedBoxes(row) ?? []);
  }

  keep({ name, network, configuration, replace }: Parameters<ProjectStore['keepBoxes']>[0]): NamedBoxes {
    return this.connection
      .transaction(() => {
        const key = networkKey(network);
        const known = this.#idOf(key, name);
        if (known !== null && !replace) throw taken(name);
        const row = [name, key, JSON.stringify(network), JSON.stringify(configuration), this.now().toISOString()];
        const { id } = this.connection
          .prepare<unknown[], { id: number }>(
            `INSERT INTO named_boxes (name, network_key, network, configuration, saved_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (network_key, name) DO UPDATE
               SET name = excluded.name, network = excluded.network, configuration = excluded.configuration,
                   saved_at = excluded.saved_at
             RETURNING id`,
          )
          .get(...row)!;
        return this.#require(id);
      })
      .immediate();
  }

  rename(id: number, name: string): NamedBoxes {
    return this.connection
      .transaction(() => {
        const { network } = this.#require(id);
        const other = this.#idOf(networkKey(network), name);
        if (other !== null && other !== id) throw taken(name);
        this.connection.prepare('UPDATE named_boxes SET name = ? WHERE id = ?').run(name, id);
        return this.#require(id);
      })
      .immediate();
  }

  remove(id: number): void {
    const { changes } = this.connection.prepare('DELETE FROM named_boxes WHERE id = ?').run(id);
    if (changes === 0) throw absent(id);
  }

  #idOf(key: string, name: string): number | null {
    const find = this.connection.prepare<[string, string], number>(
      'SELECT id FROM named_boxes WHERE network_key = ? AND name = ?',
    );
    return find.pluck().get(key, name) ?? null;
  }

  #require(id: number): NamedBoxes {
    const row = this.connection.prepare<[number], Row>('SELECT * FROM named_boxes WHERE id = ?').get(id);
    const named = row && toNamedBoxes(row);
    if (!named) throw absent(id);
    return named;
  }
}

function toNamedBoxes(row: Row): NamedBoxes | null {
  const network = networkChoice.safeParse(JSON.parse(row.network)).data;
  const configuration = defaultBoxConfiguration.safeParse(JSON.parse(row.configuration)).data;
  if (!network || !configuration) return null;
  return { id: row.id, name: row.name, network, configuration, savedAt: row.saved_at };
}

const taken = (name: string): StudioFailure =>
  new StudioFailure(
    'already-exists',
    `This network has default boxes named “${name}” already.`,
    'Choose another name, or replace them.',
  );

const absent = (id: number): StudioFailure =>
  new StudioFailure(
    'not-found',
    `There are no kept default boxes with the number ${id}.`,
    'They may have been removed.',
  );
