import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelledObject } from '@core/dataset/model';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { CAFFE_RULES } from '@core/priors/detections';
import { VOC300 } from '@core/priors/presets';
import { createDatabase, openDatabase } from '../../../src-main/store/database';
import { suggestForProject } from '../../../src-main/services/suggestion';
import { MIGRATIONS } from '../../../src-main/store/migrations';
import { NamedBoxesRepository } from '../../../src-main/store/named-boxes';
import { createProject, openProject } from '../../../src-main/store/project-store';
import { RunRepository } from '../../../src-main/store/runs';
import type { NewImage, ProjectStore } from '../../../src-main/services/ports';

let folder: string;
let opened: ProjectStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  opened = [];
});
afterEach(() => {
  for (const store of opened) store.close();
  rmSync(folder, { recursive: true, force: true });
});

function create(directory = join(folder, 'project'), classes: readonly string[] = ['cell', 'platelet']): ProjectStore {
  const store = createProject(directory, 'Blood', classes);
  opened.push(store);
  return store;
}

const object = (classId: number, change: Partial<LabelledObject> = {}): LabelledObject => ({
  id: randomUUID(),
  classId,
  box: { x1: 10.25, y1: 20, x2: 110, y2: 80.5 },
  difficult: false,
  truncated: true,
  crowd: false,
  ...change,
});

const image = (name: string, change: Partial<NewImage> = {}): NewImage => ({
  path: join(folder, name),
  fileName: name,
  width: 640,
  height: 480,
  split: null,
  objects: [],
  ...change,
});

const failure = (code: string) => expect.objectContaining({ name: 'StudioFailure', code });

describe('creating and opening', () => {
  it('makes the folder, the classes in order, and can be opened again', () => {
    const info = create().info();
    expect(info.name).toBe('Blood');
    expect(info.classes.map((c) => [c.name, c.order])).toEqual([
      ['cell', 0],
      ['platelet', 1],
    ]);
    const again = openProject(join(folder, 'project'));
    opened.push(again);
    expect(again.info()).toEqual(info);
  });

  it('leaves nothing but the database behind', () => {
    create().close();
    opened = [];
    expect(readdirSync(join(folder, 'project'))).toEqual(['project.sqlite']);
  });

  it('refuses a folder that holds a project', () => {
    create();
    expect(() => createProject(join(folder, 'project'), 'Other', [])).toThrow(failure('already-exists'));
  });

  it('refuses a folder without a project, a missing folder, a damaged file and a foreign database', () => {
    mkdirSync(join(folder, 'empty'));
    expect(() => openProject(join(folder, 'empty'))).toThrow(failure('no-project'));
    expect(() => openProject(join(folder, 'nowhere'))).toThrow(failure('not-found'));
    mkdirSync(join(folder, 'garbage'));
    writeFileSync(
      join(folder, 'garbage', 'project.sqlite'),
      'this is not a database, but it is long enough. '.repeat(50),
    );
    expect(() => openProject(join(folder, 'garbage'))).toThrow(failure('unreadable'));
    mkdirSync(join(folder, 'foreign'));
    const foreign = new Database(join(folder, 'foreign', 'project.sqlite'));
    foreign.exec('CREATE TABLE bookmarks (url TEXT)');
    foreign.close();
    expect(() => openProject(join(folder, 'foreign'))).toThrow(failure('unreadable'));
    create(join(folder, 'cut')).close();
    opened = [];
    truncateSync(join(folder, 'cut', 'project.sqlite'), 5000);
    expect(() => openProject(join(folder, 'cut')).summary()).toThrow(failure('unreadable'));
  });

  it('refuses a folder that cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => createProject(join(folder, 'file', 'project'), 'Blood', [])).toThrow(failure('not-allowed'));
  });
});

describe('migrations', () => {
  const second = 'CREATE TABLE note (text TEXT NOT NULL) STRICT';

  it('go forward with a backup of the older version, keeping what was there', () => {
    const file = join(folder, 'old.sqlite');
    createDatabase(file, (c) => c.exec("INSERT INTO class (name, position) VALUES ('cell', 0)"));
    const connection = openDatabase(file, [...MIGRATIONS, second]);
    expect(connection.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length + 1);
    expect(connection.prepare('SELECT name FROM class').pluck().all()).toEqual(['cell']);
    connection.prepare("INSERT INTO note VALUES ('new')").run();
    connection.close();
    const backup = openDatabase(`${file}.backup-v${MIGRATIONS.length}`);
    expect(backup.prepare('SELECT name FROM class').pluck().all()).toEqual(['cell']);
    backup.close();
  });

  it('let runs be imported without losing runs, evaluations or used-up numbers', () => {
    const file = join(folder, 'old.sqlite');
    const run = `INSERT INTO run (name, state, configuration, class_names, dataset_hash, created_at)
      VALUES ('SSD300, run 1', 'finished', '{"steps":5}', '["cell"]', 'x', '2026-01-01')`;
    createDatabase(
      file,
      (c) => {
        c.exec(`${run}; ${run}; DELETE FROM run WHERE id = 2`);
        c.exec("INSERT INTO evaluation (run_id, split, created_at, report) VALUES (1, 'val', '2026-01-01', '{}')");
      },
      MIGRATIONS.slice(0, 1),
    );
    const connection = openDatabase(file);
    const runs = new RunRepository(connection, () => new Date());
    expect(runs.list()).toMatchObject([
      { id: 1, configuration: { steps: 5, detection: CAFFE_RULES, startWeights: null } },
    ]);
    expect(connection.prepare('SELECT run_id FROM evaluation').pluck().all()).toEqual([1]);
    const added = connection.prepare(run.replace('finished', 'imported')).run();
    expect(added.lastInsertRowid).toBe(3);
    runs.remove(1);
    expect(connection.prepare('SELECT count(*) FROM evaluation').pluck().get()).toBe(0);
    expect(connection.pragma('foreign_key_check')).toEqual([]);
    connection.close();
  });

  it('give projects from before default boxes had names a place for them, and keep those in use', () => {
    const file = join(folder, 'old.sqlite');
    createDatabase(
      file,
      (c) => c.exec("INSERT INTO default_boxes VALUES ('ssd300 x1 300x300', '{}')"),
      MIGRATIONS.slice(0, 5),
    );
    const connection = openDatabase(file);
    expect(existsSync(`${file}.backup-v5`)).toBe(true);
    expect(connection.prepare('SELECT network FROM default_boxes').pluck().all()).toEqual(['ssd300 x1 300x300']);
    const named = new NamedBoxesRepository(connection, () => new Date());
    expect(named.list()).toEqual([]);
    const kept = { name: 'wide', network: defaultChoice('ssd300'), configuration: VOC300, replace: false };
    expect(named.keep(kept)).toMatchObject({ name: 'wide', configuration: VOC300 });
    connection.exec("UPDATE named_boxes SET configuration = '{}'");
    expect(named.list()).toEqual([]);
    connection.close();
  });

  it('change nothing when a step fails', () => {
    const file = join(folder, 'old.sqlite');
    createDatabase(file, () => {});
    expect(() => openDatabase(file, [...MIGRATIONS, second, 'CREATE TABLE broken (']).close()).toThrow();
    const connection = openDatabase(file);
    expect(connection.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'note'").get()).toBeUndefined();
    connection.close();
  });

  it('refuse a database from the future, untouched', () => {
    create().close();
    opened = [];
    const file = join(folder, 'project', 'project.sqlite');
    const future = new Database(file);
    future.pragma('user_version = 99');
    future.close();
    expect(() => openProject(join(folder, 'project'))).toThrow(failure('newer-database'));
    expect(existsSync(`${file}.backup-v99`)).toBe(false);
  });
});

describe('pictures and objects', () => {
  it('come back as they went in, coordinates exact', () => {
    const store = create();
    const [cell] = store.info().classes;
    const objects = [object(cell.id), object(cell.id, { difficult: true, box: { x1: 0, y1: 0, x2: 0.1, y2: 480 } })];
    expect(store.addImages([image('a.jpg', { split: 'val', objects })])).toEqual({
      added: 1,
      unchanged: 0,
      objectsAdded: 2,
    });
    const [stored] = store.imagesOfSplit('val');
    expect(stored).toEqual({ id: stored.id, problem: null, ...image('a.jpg', { split: 'val', objects }) });
    expect(store.imagesOfSplit('train')).toEqual([]);
    expect(store.imagesOfSplit(null)).toHaveLength(1);
  });

  it('are known by their real path: a second import adds nothing, whatever the way to the file', () => {
    const store = create();
    writeFileSync(join(folder, 'a.jpg'), '');
    symlinkSync(join(folder, 'a.jpg'), join(folder, 'link.jpg'));
    store.addImages([image('a.jpg')]);
    expect(store.addImages([image('a.jpg'), image('link.jpg')])).toEqual({ added: 0, unchanged: 2, objectsAdded: 0 });
  });

  it('inside the project move with it, outside keep their place', () => {
    const store = create();
    mkdirSync(join(folder, 'project', 'images'));
    const inside = join(folder, 'project', 'images', 'a.jpg');
    store.addImages([image('a.jpg', { path: inside }), image('b.jpg')]);
    const rows = new Database(join(folder, 'project', 'project.sqlite'), { readonly: true });
    expect(rows.prepare('SELECT path FROM image ORDER BY id').pluck().all()).toEqual([
      'images/a.jpg',
      join(folder, 'b.jpg'),
    ]);
    rows.close();
    expect(store.image(1)?.path).toBe(inside);
  });

  it('are all refused when one is wrong', () => {
    const store = create();
    expect(() => store.addImages([image('a.jpg'), image('b.jpg', { objects: [object(999)] })])).toThrow(
      failure('bad-request'),
    );
    const flat = object(1, { box: { x1: 5, y1: 5, x2: 5, y2: 9 } });
    expect(() => store.addImages([image('a.jpg', { objects: [flat] })])).toThrow();
    expect(store.summary().images).toBe(0);
  });

  it('are narrowed by every filter, in id order, with the total of all pages', () => {
    const store = create();
    const [cell, platelet] = store.info().classes;
    store.addImages([
      image('Äpfel_1.jpg', { split: 'train', objects: [object(cell.id)] }),
      image('b%.jpg', { split: 'val', objects: [object(platelet.id), object(cell.id)] }),
      image('c.jpg'),
    ]);
    store.setProblem(3, 'The file is missing.');
    const ids = (filter: Parameters<ProjectStore['imageIds']>[0]): readonly number[] => {
      const listed = store.listImages(filter, 0, 10);
      expect(listed.images.map((i) => i.id)).toEqual(store.imageIds(filter));
      expect(listed.total).toBe(listed.images.length);
      return store.imageIds(filter);
    };
    expect(ids({})).toEqual([1, 2, 3]);
    expect(ids({ classId: cell.id })).toEqual([1, 2]);
    expect(ids({ classId: platelet.id, split: 'val' })).toEqual([2]);
    expect(ids({ split: 'none' })).toEqual([3]);
    expect(ids({ labelled: true })).toEqual([1, 2]);
    expect(ids({ labelled: false })).toEqual([3]);
    expect(ids({ problem: true })).toEqual([3]);
    expect(ids({ problem: false })).toEqual([1, 2]);
    expect(ids({ text: 'äPF' })).toEqual([1]);
    expect(ids({ text: '%' })).toEqual([2]);
    expect(store.listImages({}, 1, 1)).toMatchObject({ total: 3, images: [{ id: 2 }] });
    expect(store.listImages({}, 0, 1).images[0]).not.toHaveProperty('path');
  });

  it('are summed up', () => {
    const store = create();
    const [cell, platelet] = store.info().classes;
    const square = object(cell.id, { box: { x1: 0, y1: 0, x2: 240, y2: 320 } });
    store.addImages([
      image('a.jpg', { split: 'train', objects: [square] }),
      image('b.jpg', { split: 'train', width: 100 }),
      image('c.jpg'),
    ]);
    expect(store.summary()).toEqual({
      images: 3,
      objects: 1,
      labelledImages: 1,
      problems: 0,
      splits: { train: 2, val: 0, test: 0, none: 1 },
      classes: [
        { classId: cell.id, objects: 1, images: 1 },
        { classId: platelet.id, objects: 0, images: 0 },
      ],
      sizes: [
        { width: 640, height: 480, images: 2 },
        { width: 100, height: 480, images: 1 },
      ],
      objectScale: { low: 0.5, median: 0.5, high: 0.5 },
    });
    expect(store.objectColumns()).toEqual({
      imageId: [1],
      classId: [cell.id],
      x1: [0],
      y1: [0],
      x2: [0.375],
      y2: [320 / 480],
      imageWidth: [640],
      imageHeight: [480],
      position: [0],
    });
  });

  it('gives objects for the analysis without crowds, each with its place among all of its picture', () => {
    const store = create();
    const [cell] = store.info().classes;
    const crowd = { ...object(cell.id), crowd: true };
    store.addImages([
      { ...image('a.jpg'), objects: [crowd, object(cell.id), object(cell.id)] },
      { ...image('b.jpg'), objects: [object(cell.id)] },
    ]);
    expect(store.objectColumns()).toMatchObject({ imageId: [1, 1, 2], position: [1, 2, 0] });
  });
});

describe('labelling', () => {
  it('puts, replaces and removes, all changes of an edit or none', () => {
    const store = create();
    const [cell, platelet] = store.info().classes;
    store.addImages([image('a.jpg'), image('b.jpg')]);
    const first = object(cell.id);
    const second = object(platelet.id);
    expect(store.applyChanges(1, [put(first), put(second)])).toBe(2);
    const moved = { ...first, classId: platelet.id, box: { x1: 1, y1: 2, x2: 3, y2: 4 } };
    expect(store.applyChanges(1, [put(moved)])).toBe(2);
    expect(store.image(1)?.objects).toEqual([moved, second]);
    expect(() => store.applyChanges(1, [{ kind: 'remove', objectId: first.id }, put(object(999))])).toThrow(
      failure('bad-request'),
    );
    expect(store.image(1)?.objects).toEqual([moved, second]);
    expect(() => store.applyChanges(2, [put(first)])).toThrow(failure('bad-request'));
    expect(() => store.applyChanges(77, [put(object(cell.id))])).toThrow(failure('not-found'));
    expect(store.applyChanges(1, [{ kind: 'remove', objectId: first.id }])).toBe(1);
  });

  it('is seen by a second process at once, and waits for its writes', () => {
    const store = create();
    store.addImages([image('a.jpg')]);
    const other = openProject(store.directory);
    opened.push(other);
    other.applyChanges(1, [put(object(1))]);
    expect(store.image(1)?.objects).toHaveLength(1);
  });

  it('that another process keeps from being written says so', () => {
    const store = create();
    store.addImages([image('a.jpg')]);
    const other = new Database(join(store.directory, 'project.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.applyChanges(1, [put(object(1))])).toThrow(failure('busy'));
    other.exec('ROLLBACK');
    other.close();
    expect(store.applyChanges(1, [put(object(1))])).toBe(1);
  });

  const put = (o: LabelledObject) => ({ kind: 'put', object: o }) as const;
});

describe('classes', () => {
  it('are added at the end and renamed; a taken name is refused', () => {
    const store = create();
    expect(store.addClass('virus').map((c) => [c.name, c.order])).toEqual([
      ['cell', 0],
      ['platelet', 1],
      ['virus', 2],
    ]);
    expect(() => store.addClass('cell')).toThrow(failure('already-exists'));
    expect(() => store.renameClass(1, 'virus')).toThrow(failure('already-exists'));
    expect(store.renameClass(1, 'Cell')[0]).toEqual({ id: 1, name: 'Cell', order: 0 });
    expect(() => store.renameClass(9, 'x')).toThrow(failure('not-found'));
  });

  it('added in work that fails are gone again', () => {
    const store = create();
    expect(() =>
      store.atomically(() => {
        store.addClass('virus');
        store.addImages([image('a.jpg', { objects: [object(999)] })]);
      }),
    ).toThrow(failure('bad-request'));
    expect(store.info().classes).toHaveLength(2);
  });
});

describe('runs', () => {
  const network = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
  const defaultBoxes = {
    sources: [{ minSizes: [10], maxSizes: [], aspectRatios: [], step: null }],
    clip: 'all',
    offset: 0.5,
    variances: [0.1, 0.2],
  } as const;
  const configuration = { network, defaultBoxes, steps: 10 } as unknown as RunConfiguration;
  const newRun = { name: 'First', configuration, classNames: ['cell'], datasetHash: 'abc' };

  it('start queued, keep what is not changed, and take their evaluations with them', () => {
    const store = create();
    const run = store.createRun(newRun);
    expect(run).toMatchObject({ state: 'queued', step: 0, checkpointStep: null, engine: null, configuration });
    expect(store.runDirectory(run.id)).toBe(join(store.directory, 'runs', String(run.id)));
    store.updateRun(run.id, { state: 'running', engine: 'wasm' });
    expect(store.updateRun(run.id, { step: 5 })).toMatchObject({ state: 'running', engine: 'wasm', step: 5 });
    expect(store.updateRun(run.id, { engine: null }).engine).toBeNull();
    const report = { split: 'val', meanAveragePrecision: 0.5 } as never;
    store.saveEvaluation(run.id, report);
    expect(store.lastEvaluation(run.id)).toEqual(report);
    store.removeRun(run.id);
    expect(store.run(run.id)).toBeNull();
    expect(store.lastEvaluation(run.id)).toBeNull();
    expect(store.createRun(newRun).id).toBeGreaterThan(run.id);
  });

  it('have default boxes saved per network', () => {
    const store = create();
    expect(store.loadDefaultBoxes(network)).toBeNull();
    store.saveDefaultBoxes(network, defaultBoxes);
    store.saveDefaultBoxes(network, { ...defaultBoxes, offset: 0.25 });
    expect(store.loadDefaultBoxes(network)).toEqual({ ...defaultBoxes, offset: 0.25 });
    expect(store.loadDefaultBoxes({ ...network, architecture: 'slim320' })).toBeNull();
  });

  it('have a matching threshold saved per network, which the next run takes', () => {
    const store = create();
    expect(store.loadMatchingThreshold(network)).toBeNull();
    expect(suggestForProject(store, network).matchingThreshold).toBe(0.5);
    store.saveMatchingThreshold(network, 0.4);
    store.saveMatchingThreshold(network, 0.35);
    expect(store.loadMatchingThreshold(network)).toBe(0.35);
    expect(suggestForProject(store, network).matchingThreshold).toBe(0.35);
    expect(suggestForProject(store, { ...network, architecture: 'slim320' }).matchingThreshold).toBe(0.5);
  });

  it('have default boxes kept under names, one of a name per network', () => {
    const store = create();
    const slim = { ...network, architecture: 'slim320' } as const;
    const kept = { name: 'small cells', network, configuration: defaultBoxes, replace: false };
    const first = store.keepBoxes(kept);
    expect(first).toMatchObject({ name: 'small cells', network, configuration: defaultBoxes });
    expect(Date.parse(first.savedAt)).toBeGreaterThan(0);
    expect(() => store.keepBoxes({ ...kept, name: 'Small Cells' })).toThrow(failure('already-exists'));
    const other = store.keepBoxes({ ...kept, network: slim });
    const moved = store.keepBoxes({ ...kept, configuration: { ...defaultBoxes, offset: 0.25 }, replace: true });
    expect(moved).toMatchObject({ id: first.id, configuration: { offset: 0.25 } });
    const third = store.keepBoxes({ ...kept, name: 'large cells' });
    expect(() => store.renameBoxes(third.id, 'SMALL cells')).toThrow(failure('already-exists'));
    expect(store.renameBoxes(third.id, 'Large cells').name).toBe('Large cells');
    expect(() => store.renameBoxes(99, 'none')).toThrow(failure('not-found'));
    expect(store.namedBoxes().map(({ id }) => id)).toEqual(expect.arrayContaining([first.id, other.id, third.id]));
    store.removeBoxes(other.id);
    expect(() => store.removeBoxes(other.id)).toThrow(failure('not-found'));
    expect(store.namedBoxes()).toHaveLength(2);
  });
});
