/** Pictures of a project. */
import type { ImageFilter, ProjectImage, Split } from '@core/dataset/model';
import type { DatasetSummary } from '@core/contract/images';
import { scaleQuantiles } from '@core/dataset/statistics';
import type { NewImage, StoredImage } from '../services/ports';
import type { Connection } from './database';
import type { ImagePaths } from './image-paths';
import type { ObjectRepository } from './objects';

interface ImageRow {
  readonly id: number;
  readonly path: string;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
  readonly split: Split | null;
  readonly problem: string | null;
}

export class ImageRepository {
  constructor(
    private readonly connection: Connection,
    private readonly objects: ObjectRepository,
    private readonly paths: ImagePaths,
  ) {
    // SQLite's own LIKE folds ASCII only.
    connection.function('contains_text', { deterministic: true }, (text, part) =>
      Number(String(text).toLowerCase().includes(String(part))),
    );
  }

  /** What is new in one transaction; a picture whose real path is known stays as it is, with the objects it has. */
  add(images: readonly NewImage[]): { added: number; unchanged: number; objectsAdded: number } {
    const insert = this.connection.prepare(
      `INSERT INTO image (path, file_name, width, height, split) VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING`,
    );
    return this.connection
      .transaction(() => {
        const counts = { added: 0, unchanged: 0, objectsAdded: 0 };
        for (const image of images) {
          const path = this.paths.toStored(image.path);
          const result = insert.run(path, image.fileName, image.width, image.height, image.split);
          if (result.changes === 0) {
            counts.unchanged += 1;
            continue;
          }
          for (const object of image.objects) this.objects.put(Number(result.lastInsertRowid), object);
          counts.added += 1;
          counts.objectsAdded += image.objects.length;
        }
        return counts;
      })
      .immediate();
  }

  list(
    filter: ImageFilter,
    offset: number,
    limit: number,
  ): { readonly total: number; readonly images: readonly ProjectImage[] } {
    const { where, parameters } = whereOf(filter);
    const read = this.connection.transaction(() => {
      const total = this.connection
        .prepare<unknown[], { readonly n: number }>(`SELECT count(*) AS n FROM image WHERE ${where}`)
        .get(...parameters)!.n;
      const rows = this.connection
        .prepare<unknown[], ImageRow>(`SELECT * FROM image WHERE ${where} ORDER BY id LIMIT ? OFFSET ?`)
        .all(...parameters, limit, offset);
      return { total, images: this.#withObjects(rows).map(withoutPath) };
    });
    return read();
  }

  ids(filter: ImageFilter): readonly number[] {
    const { where, parameters } = whereOf(filter);
    return this.connection
      .prepare<unknown[], number>(`SELECT id FROM image WHERE ${where} ORDER BY id`)
      .pluck()
      .all(...parameters);
  }

  get(id: number): StoredImage | null {
    const row = this.connection.prepare<[number], ImageRow>('SELECT * FROM image WHERE id = ?').get(id);
    return row === undefined ? null : this.#withObjects([row])[0];
  }

  ofSplit(split: Split | null): readonly StoredImage[] {
    const read = this.connection.transaction(() =>
      this.#withObjects(
        this.connection
          .prepare<unknown[], ImageRow>('SELECT * FROM image WHERE ? IS NULL OR split = ? ORDER BY id')
          .all(split, split),
      ),
    );
    return read();
  }

  /** Ids that do not exist are passed over. */
  setSplit(ids: readonly number[], split: Split | null): void {
    this.connection
      .prepare('UPDATE image SET split = ? WHERE id IN (SELECT value FROM json_each(?))')
      .run(split, JSON.stringify(ids));
  }

  setProblem(id: number, problem: string | null): void {
    this.connection.prepare('UPDATE image SET problem = ? WHERE id = ?').run(problem, id);
  }

  summary(): DatasetSummary {
    const read = this.connection.transaction((): DatasetSummary => {
      const counts = this.connection
        .prepare<[], Omit<DatasetSummary, 'splits' | 'classes' | 'sizes' | 'objectScale'>>(
          `SELECT count(*) AS images, (SELECT count(*) FROM object) AS objects,
             (SELECT count(DISTINCT image_id) FROM object) AS labelledImages, count(problem) AS problems FROM image`,
        )
        .get()!;
      const splits = { train: 0, val: 0, test: 0, none: 0 };
      for (const row of this.connection
        .prepare<[], { split: Split | 'none'; n: number }>(
          `SELECT coalesce(split, 'none') AS split, count(*) AS n FROM image GROUP BY 1`,
        )
        .all()) {
        splits[row.split] = row.n;
      }
      const classes = this.connection
        .prepare<[], DatasetSummary['classes'][number]>(
          `SELECT c.id AS classId, count(o.id) AS objects, count(DISTINCT o.image_id) AS images
           FROM class c LEFT JOIN object o ON o.class_id = c.id GROUP BY c.id ORDER BY c.position`,
        )
        .all();
      const sizes = this.connection
        .prepare<[], DatasetSummary['sizes'][number]>(
          `SELECT width, height, count(*) AS images FROM image GROUP BY width, height
           ORDER BY images DESC, width, height LIMIT 10`,
        )
        .all();
      const scales = this.connection
        .prepare<[], number>(
          `SELECT sqrt((o.x2 - o.x1) * (o.y2 - o.y1) / (1.0 * i.width * i.height))
           FROM object o JOIN image i ON i.id = o.image_id`,
        )
        .pluck()
        .all();
      return { ...counts, splits, classes, sizes, objectScale: scaleQuantiles(Float64Array.from(scales)) };
    });
    return read();
  }

  #withObjects(rows: readonly ImageRow[]): StoredImage[] {
    const objects = this.objects.ofImages(rows.map((row) => row.id));
    return rows.map((row) => ({
      id: row.id,
      path: this.paths.toAbsolute(row.path),
      fileName: row.file_name,
      width: row.width,
      height: row.height,
      split: row.split,
      problem: row.problem,
      objects: objects.get(row.id) ?? [],
    }));
  }
}

function withoutPath({ path: _path, ...image }: StoredImage): ProjectImage {
  return image;
}

function whereOf(filter: ImageFilter): { readonly where: string; readonly parameters: readonly unknown[] } {
  const conditions = ['1'];
  const parameters: unknown[] = [];
  if (filter.classId !== undefined) {
    conditions.push('id IN (SELECT image_id FROM object WHERE class_id = ?)');
    parameters.push(filter.classId);
  }
  if (filter.split === 'none') conditions.push('split IS NULL');
  else if (filter.split !== undefined) {
    conditions.push('split = ?');
    parameters.push(filter.split);
  }
  if (filter.labelled !== undefined) {
    conditions.push(`${filter.labelled ? '' : 'NOT '}EXISTS (SELECT 1 FROM object WHERE image_id = image.id)`);
  }
  if (filter.problem !== undefined) conditions.push(`problem IS ${filter.problem ? 'NOT ' : ''}NULL`);
  if (filter.text !== undefined && filter.text !== '') {
    conditions.push('contains_text(file_name, ?)');
    parameters.push(filter.text.toLowerCase());
  }
  return { where: conditions.join(' AND '), parameters };
}
