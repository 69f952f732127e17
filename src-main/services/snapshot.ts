/** What a run trains on, frozen when it starts. */
import { createHash } from 'node:crypto';
import type { RunConfiguration } from '@core/experiment/run';
import type { ProjectStore, RunSnapshot, SnapshotImage } from './ports';

/** Pictures with a problem, and crowd objects, are left out. Pictures without objects stay: they are background. */
export function buildSnapshot(store: ProjectStore, configuration: RunConfiguration): RunSnapshot {
  const { classes } = store.info();
  const position = new Map(classes.map((c) => [c.id, c.order]));
  const imagesOf = (split: 'train' | 'val'): SnapshotImage[] =>
    store
      .imagesOfSplit(split)
      .filter((image) => image.problem === null)
      .map(({ id, path, width, height, objects }) => ({
        id,
        path,
        width,
        height,
        objects: objects
          .filter((object) => !object.crowd)
          .map(({ classId, box, difficult }) => [
            position.get(classId)!,
            box.x1,
            box.y1,
            box.x2,
            box.y2,
            Number(difficult),
          ]),
      }));
  const classNames = classes.map((c) => c.name);
  const train = imagesOf('train');
  const val = imagesOf('val');
  return { version: 1, configuration, classNames, datasetHash: datasetHash(classNames, train, val), train, val };
}

/** SHA-256 over classes, pictures and objects; equal for two projects that label the same files in the same way. */
function datasetHash(
  classNames: readonly string[],
  train: readonly SnapshotImage[],
  val: readonly SnapshotImage[],
): string {
  const content = ({ path, width, height, objects }: SnapshotImage) => [
    path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1),
    width,
    height,
    objects,
  ];
  return createHash('sha256')
    .update(JSON.stringify([classNames, train.map(content), val.map(content)]))
    .digest('hex');
}
