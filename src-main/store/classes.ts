/** The class list. Ids never change; positions are dense from 0. */
import type { LabelClass } from '@core/dataset/model';
import { StudioFailure } from '@core/contract/failure';
import type { Connection } from './database';

export class ClassRepository {
  constructor(private readonly connection: Connection) {}

  list(): readonly LabelClass[] {
    return this.connection
      .prepare<[], LabelClass>('SELECT id, name, position AS "order" FROM class ORDER BY position')
      .all();
  }

  /** Throws 'already-exists' for a name that is taken (upper and lower case differ). */
  add(name: string): readonly LabelClass[] {
    this.connection
      .transaction(() => {
        this.#refuseTaken(name, null);
        this.connection
          .prepare('INSERT INTO class (name, position) SELECT ?, coalesce(max(position) + 1, 0) FROM class')
          .run(name);
      })
      .immediate();
    return this.list();
  }

  /** Throws 'not-found', or 'already-exists' when another class has the name. */
  rename(id: number, name: string): readonly LabelClass[] {
    this.connection
      .transaction(() => {
        this.#refuseTaken(name, id);
        const { changes } = this.connection.prepare('UPDATE class SET name = ? WHERE id = ?').run(name, id);
        if (changes === 0) throw new StudioFailure('not-found', `There is no class with the number ${id}.`);
      })
      .immediate();
    return this.list();
  }

  #refuseTaken(name: string, except: number | null): void {
    const taken = this.connection.prepare('SELECT 1 FROM class WHERE name = ? AND id IS NOT ?').get(name, except);
    if (taken !== undefined) throw new StudioFailure('already-exists', `There is a class named ${name} already.`);
  }
}
