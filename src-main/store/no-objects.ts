/** Places of pictures that a person has said hold no object. */
import { StudioFailure } from '@core/contract/failure';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { iou } from '@core/geometry/overlap';
import type { Connection } from './database';

/** Overlapping so much, two boxes are one place. */
const SAME_PLACE_IOU = 0.5;

interface PlaceRow {
  readonly rowid: number;
  readonly image_id: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const SELECT = 'SELECT rowid, * FROM no_object';

export class NoObjectRepository {
  constructor(private readonly connection: Connection) {}

  /** By picture. */
  all(): ReadonlyMap<number, readonly CornerBox<ImagePx>[]> {
    const byImage = new Map<number, CornerBox<ImagePx>[]>();
    for (const { image_id, x1, y1, x2, y2 } of this.connection.prepare<[], PlaceRow>(SELECT).all()) {
      const box = { x1, y1, x2, y2 };
      const known = byImage.get(image_id);
      if (known) known.push(box);
      else byImage.set(image_id, [box]);
    }
    return byImage;
  }

  /** Throws StudioFailure 'not-found' for a picture that is not there. */
  set(imageId: number, box: CornerBox<ImagePx>, noObject: boolean): void {
    const { connection } = this;
    connection
      .transaction(() => {
        const known = connection.prepare<[number]>('SELECT 1 FROM image WHERE id = ?').get(imageId);
        if (known === undefined)
          throw new StudioFailure('not-found', `There is no picture ${imageId} in this project.`);
        const remove = connection.prepare<[number]>('DELETE FROM no_object WHERE rowid = ?');
        for (const row of connection.prepare<[number], PlaceRow>(`${SELECT} WHERE image_id = ?`).all(imageId)) {
          if (iou(row, box) >= SAME_PLACE_IOU) remove.run(row.rowid);
        }
        if (!noObject) return;
        connection
          .prepare('INSERT INTO no_object (image_id, x1, y1, x2, y2) VALUES (?, ?, ?, ?, ?)')
          .run(imageId, box.x1, box.y1, box.x2, box.y2);
      })
      .immediate();
  }
}
