/** Training runs: what was asked, how far it came. The weights and metrics lie in runs/<id>/, never here. */
import {
  EARLIER_SETTINGS,
  type EngineId,
  type RunConfiguration,
  type RunState,
  type RunSummary,
} from '@core/experiment/run';
import { StudioFailure } from '@core/contract/failure';
import type { ProjectStore } from '../services/ports';
import type { Connection } from './database';

interface RunRow {
  readonly id: number;
  readonly name: string;
  readonly state: RunState;
  readonly configuration: string;
  readonly class_names: string;
  readonly engine: EngineId | null;
  readonly step: number;
  readonly checkpoint_step: number | null;
  readonly best_step: number | null;
  readonly created_at: string;
  readonly mean_average_precision: number | null;
  readonly message: string | null;
}

export class RunRepository {
  constructor(
    private readonly connection: Connection,
    private readonly now: () => Date,
  ) {}

  create(run: Parameters<ProjectStore['createRun']>[0]): RunSummary {
    const { lastInsertRowid } = this.connection
      .prepare(
        `INSERT INTO run (name, state, configuration, class_names, dataset_hash, created_at)
         VALUES (?, 'queued', ?, ?, ?, ?)`,
      )
      .run(
        run.name,
        JSON.stringify(run.configuration),
        JSON.stringify(run.classNames),
        run.datasetHash,
        this.now().toISOString(),
      );
    return this.#require(Number(lastInsertRowid));
  }

  /** Fields that are absent stay as they are. Throws 'not-found'. */
  update(id: number, change: Parameters<ProjectStore['updateRun']>[1]): RunSummary {
    return this.connection
      .transaction(() => {
        const run = { ...this.#require(id), ...definedFields(change) };
        this.connection
          .prepare(
            `UPDATE run SET state = ?, engine = ?, step = ?, checkpoint_step = ?, best_step = ?,
               mean_average_precision = ?, message = ?
             WHERE id = ?`,
          )
          .run(
            run.state,
            run.engine,
            run.step,
            run.checkpointStep,
            run.bestStep,
            run.meanAveragePrecision,
            run.message,
            id,
          );
        return run;
      })
      .immediate();
  }

  get(id: number): RunSummary | null {
    const row = this.connection.prepare<[number], RunRow>('SELECT * FROM run WHERE id = ?').get(id);
    return row === undefined ? null : toSummary(row);
  }

  /** Newest first. */
  list(): readonly RunSummary[] {
    return this.connection.prepare<[], RunRow>('SELECT * FROM run ORDER BY id DESC').all().map(toSummary);
  }

  /** Its evaluations go with it. The run's folder is the caller's to remove. */
  remove(id: number): void {
    this.connection.prepare('DELETE FROM run WHERE id = ?').run(id);
  }

  #require(id: number): RunSummary {
    const run = this.get(id);
    if (run === null) throw new StudioFailure('not-found', `There is no run with the number ${id}.`);
    return run;
  }
}

function definedFields<T extends object>(change: T): Partial<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function toSummary(row: RunRow): RunSummary {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    configuration: toConfiguration(row.configuration),
    classNames: JSON.parse(row.class_names) as string[],
    engine: row.engine,
    step: row.step,
    checkpointStep: row.checkpoint_step,
    bestStep: row.best_step,
    createdAt: row.created_at,
    meanAveragePrecision: row.mean_average_precision,
    message: row.message,
  };
}

function toConfiguration(text: string): RunConfiguration {
  const stored = JSON.parse(text) as Omit<RunConfiguration, keyof typeof EARLIER_SETTINGS>;
  return { ...EARLIER_SETTINGS, ...stored };
}
