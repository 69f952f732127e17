/** Labelled objects of pictures, in the order in which they were first put. */
import type { Statement } from 'better-sqlite3';
import type { LabelledObject } from '@core/dataset/model';
import type { ObjectChange, ObjectColumns } from '@core/contract/images';
import { StudioFailure } from '@core/contract/failure';
import type { Connection } from './database';

interface ObjectRow {
  readonly id: string;
  readonly image_id: number;
  readonly class_id: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly difficult: number;
  readonly truncated: number;
  readonly crowd: number;
}

export class ObjectRepository {
  readonly #put: Statement;
  readonly #ownerOf: Statement<[string], number>;
  readonly #classExists: Statement<[number]>;

  constructor(private readonly connection: Connection) {
    this.#put = connection.prepare(
      `INSERT INTO object (id, image_id, class_id, x1, y1, x2, y2, difficult, truncated, crowd)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET class_id = excluded.class_id, x1 = excluded.x1, y1 = excluded.y1,
           x2 = excluded.x2, y2 = excluded.y2, difficult = excluded.difficult, truncated = excluded.truncated,
           crowd = excluded.crowd`,
    );
    this.#ownerOf = connection.prepare<[string], number>('SELECT image_id FROM object WHERE id = ?').pluck();
    this.#classExists = connection.prepare<[number]>('SELECT 1 FROM class WHERE id = ?');
  }

  /** Objects of the pictures with these ids, by picture. Pictures without objects have no entry. */
  ofImages(imageIds: readonly number[]): ReadonlyMap<number, readonly LabelledObject[]> {
    const byImage = new Map<number, LabelledObject[]>();
    const rows = this.connection
      .prepare<[string], ObjectRow>(
        'SELECT * FROM object WHERE image_id IN (SELECT value FROM json_each(?)) ORDER BY rowid',
      )
      .all(JSON.stringify(imageIds));
    for (const row of rows) {
      const objects = byImage.get(row.image_id);
      if (objects === undefined) byImage.set(row.image_id, [toObject(row)]);
      else objects.push(toObject(row));
    }
    return byImage;
  }

  /** Inside the caller's transaction. Throws 'bad-request' when the id belongs to another picture or the class is unknown. */
  put(imageId: number, object: LabelledObject): void {
    this.#refuseForeign(imageId, object);
    this.#put.run(
      object.id,
      imageId,
      object.classId,
      object.box.x1,
      object.box.y1,
      object.box.x2,
      object.box.y2,
      Number(object.difficult),
      Number(object.truncated),
      Number(object.crowd),
    );
  }

  /** All changes or none, committed to the disk before it returns. Returns how many objects the picture has then. */
  apply(imageId: number, changes: readonly ObjectChange[]): number {
    return this.connection
      .transaction(() => {
        if (this.connection.prepare('SELECT 1 FROM image WHERE id = ?').get(imageId) === undefined) {
          throw new StudioFailure('not-found', `There is no picture with the number ${imageId}.`);
        }
        for (const change of changes) {
          if (change.kind === 'put') this.put(imageId, change.object);
          else
            this.connection.prepare('DELETE FROM object WHERE id = ? AND image_id = ?').run(change.objectId, imageId);
        }
        const count = this.connection.prepare<[number], { readonly n: number }>(
          'SELECT count(*) AS n FROM object WHERE image_id = ?',
        );
        return count.get(imageId)!.n;
      })
      .immediate();
  }

  /** All objects, crowd left out, in Unit coordinates; for the default-box analysis. */
  columns(): ObjectColumns {
    const rows = this.connection
      .prepare<[], readonly number[]>(
        `SELECT o.image_id, o.class_id, o.x1 / i.width, o.y1 / i.height, o.x2 / i.width, o.y2 / i.height,
           i.width, i.height, o.position
         FROM (SELECT *, rowid AS place, ROW_NUMBER() OVER (PARTITION BY image_id ORDER BY rowid) - 1 AS position
           FROM object) o JOIN image i ON i.id = o.image_id
         WHERE o.crowd = 0 AND i.problem IS NULL ORDER BY o.image_id, o.place`,
      )
      .raw()
      .all();
    const column = (k: number): number[] => rows.map((row) => row[k]);
    return {
      imageId: column(0),
      classId: column(1),
      x1: column(2),
      y1: column(3),
      x2: column(4),
      y2: column(5),
      imageWidth: column(6),
      imageHeight: column(7),
      position: column(8),
    };
  }

  #refuseForeign(imageId: number, object: LabelledObject): void {
    const owner = this.#ownerOf.get(object.id);
    if (owner !== undefined && owner !== imageId) {
      throw new StudioFailure('bad-request', `The object ${object.id} belongs to another picture.`);
    }
    if (this.#classExists.get(object.classId) === undefined) {
      throw new StudioFailure('bad-request', `There is no class with the number ${object.classId}.`);
    }
  }
}

function toObject(row: ObjectRow): LabelledObject {
  return {
    id: row.id,
    classId: row.class_id,
    box: { x1: row.x1, y1: row.y1, x2: row.x2, y2: row.y2 },
    difficult: row.difficult === 1,
    truncated: row.truncated === 1,
    crowd: row.crowd === 1,
  };
}
