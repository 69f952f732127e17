/** Evaluation reports of runs; the last one per run and split is kept. */
import type { EvaluationReport } from '@core/evaluation/report';
import type { Connection } from './database';

export class EvaluationRepository {
  constructor(
    private readonly connection: Connection,
    private readonly now: () => Date,
  ) {}

  save(runId: number, report: EvaluationReport): void {
    this.connection
      .transaction(() => {
        this.connection.prepare('DELETE FROM evaluation WHERE run_id = ? AND split = ?').run(runId, report.split);
        this.connection
          .prepare('INSERT INTO evaluation (run_id, split, created_at, report) VALUES (?, ?, ?, ?)')
          .run(runId, report.split, this.now().toISOString(), JSON.stringify(report));
      })
      .immediate();
  }

  /** The latest of any split, or null. */
  last(runId: number): EvaluationReport | null {
    const report = this.connection
      .prepare<[number], string>('SELECT report FROM evaluation WHERE run_id = ? ORDER BY id DESC LIMIT 1')
      .pluck()
      .get(runId);
    return report === undefined ? null : (JSON.parse(report) as EvaluationReport);
  }
}
