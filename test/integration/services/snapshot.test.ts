import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LabelledObject } from '@core/dataset/model';
import type { RunConfiguration } from '@core/experiment/run';
import type { ProjectStore } from '../../../src-main/services/ports';
import { buildSnapshot } from '../../../src-main/services/snapshot';
import { createProject } from '../../../src-main/store/project-store';

const configuration = { steps: 5 } as RunConfiguration;

function fill(store: ProjectStore, pictures: string): void {
  let next = 0;
  const object = (classId: number, change: Partial<LabelledObject> = {}): LabelledObject => ({
    id: `${pictures.length}-${next++}`,
    classId,
    box: { x1: 1, y1: 2, x2: 30, y2: 40 },
    difficult: false,
    truncated: false,
    crowd: false,
    ...change,
  });
  const image = (name: string, split: 'train' | 'val' | 'test' | null, objects: LabelledObject[]) => ({
    path: join(pictures, name),
    fileName: name,
    width: 64,
    height: 48,
    split,
    objects,
  });
  store.addImages([
    image('a.jpg', 'train', [object(2), object(1, { difficult: true }), object(1, { crowd: true })]),
    image('broken.jpg', 'train', [object(1)]),
    image('empty.jpg', 'train', []),
    image('b.jpg', 'val', [object(1)]),
    image('c.jpg', 'test', [object(1)]),
    image('d.jpg', null, [object(1)]),
  ]);
  store.setProblem(2, 'corrupt');
}

it('a snapshot holds train and val without problems and crowd, and its hash is that of the labels', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  const stores = ['one', 'another place'].map((name) => createProject(join(folder, name), name, ['cell', 'virus']));
  try {
    for (const store of stores) fill(store, join(folder, store.info().name, 'images'));
    const [first, second] = stores.map((store) => buildSnapshot(store, configuration));
    expect(first).toMatchObject({ version: 1, configuration, classNames: ['cell', 'virus'] });
    expect(first.train.map((image) => [image.id, image.objects])).toEqual([
      [
        1,
        [
          [1, 1, 2, 30, 40, 0],
          [0, 1, 2, 30, 40, 1],
        ],
      ],
      [3, []],
    ]);
    expect(first.val.map((image) => image.id)).toEqual([4]);
    expect(second.datasetHash).toBe(first.datasetHash);
    stores[1].setSplit([6], 'val');
    expect(buildSnapshot(stores[1], configuration).datasetHash).not.toBe(first.datasetHash);
  } finally {
    for (const store of stores) store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
