/** A project's folder and its database: creating one, opening one, and the store that the use cases work on. */
import { existsSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ImageFilter, Split } from '@core/dataset/model';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import type { ObjectChange } from '@core/contract/images';
import type { ProjectInfo } from '@core/contract/projects';
import type { EvaluationReport } from '@core/evaluation/report';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { StudioFailure } from '@core/contract/failure';
import type { NewImage, ProjectStore } from '../services/ports';
import { ClassRepository } from './classes';
import { createDatabase, openDatabase } from './database';
import type { Connection } from './database';
import { DefaultBoxRepository } from './default-boxes';
import { EvaluationRepository } from './evaluations';
import { withReadableErrors } from './failures';
import { ImagePaths } from './image-paths';
import { ImageRepository } from './images';
import { NamedBoxesRepository } from './named-boxes';
import { NoObjectRepository } from './no-objects';
import { ObjectRepository } from './objects';
import { RunRepository } from './runs';

export const DATABASE_NAME = 'project.sqlite';

/**
 * Opens the project in a folder. Throws StudioFailure: 'not-found' (no such folder), 'no-project' (a folder without one),
 * 'unreadable' (damaged), 'newer-database', 'busy'.
 */
export function openProject(directory: string): ProjectStore {
  const folder = existingFolder(directory);
  const file = join(folder, DATABASE_NAME);
  if (!existsSync(file)) {
    throw new StudioFailure(
      'no-project',
      `There is no project in ${folder}: it holds no ${DATABASE_NAME}.`,
      'Choose the folder of a project, or create a new one.',
    );
  }
  return withReadableErrors(new SqliteProjectStore(folder, openDatabase(file)), file);
}

/**
 * Makes the folder if needed and a project in it, complete or not at all, and opens it. Names that come twice are taken
 * once. Throws StudioFailure 'already-exists' when the folder holds a project, 'not-allowed' when it cannot be written.
 */
export function createProject(directory: string, name: string, classes: readonly string[]): ProjectStore {
  const folder = resolve(directory);
  const file = join(folder, DATABASE_NAME);
  const alreadyThere = new StudioFailure(
    'already-exists',
    `There is a project in ${folder} already.`,
    'Open it, or choose another folder.',
  );
  if (existsSync(file)) throw alreadyThere;
  const unfinished = `${file}.new-${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    try {
      rmSync(unfinished, { force: true });
      createDatabase(unfinished, (connection) => fill(connection, name, classes));
      publish(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
  } catch (error) {
    if (existsSync(file)) throw alreadyThere;
    throw folderFailure(error, folder);
  }
  return openProject(folder);
}

function folderFailure(error: unknown, folder: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
      return new StudioFailure('disk-full', `The disk is full: ${folder}.`, 'Free some space.', { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return new StudioFailure('not-allowed', `The folder ${folder} cannot be written.`, 'Choose another folder.', {
        cause: error,
      });
    default:
      return error;
  }
}

/** By a link, which fails when another process has made a project here meanwhile; by a rename where there are no links. */
function publish(unfinished: string, file: string): void {
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    renameSync(unfinished, file);
  }
}

function fill(connection: Connection, name: string, classes: readonly string[]): void {
  connection.prepare('INSERT INTO project (id, name, created_at) VALUES (1, ?, ?)').run(name, new Date().toISOString());
  const insert = connection.prepare('INSERT INTO class (name, position) VALUES (?, ?)');
  [...new Set(classes)].forEach((className, position) => insert.run(className, position));
}

function existingFolder(directory: string): string {
  try {
    const folder = realpathSync.native(resolve(directory));
    if (statSync(folder).isDirectory()) return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new StudioFailure('unreadable', `The folder ${directory} cannot be read.`, undefined, { cause: error });
    }
  }
  throw new StudioFailure('not-found', `There is no folder ${directory}.`, 'It may have been moved or renamed.');
}

class SqliteProjectStore implements ProjectStore {
  readonly #classes: ClassRepository;
  readonly #images: ImageRepository;
  readonly #objects: ObjectRepository;
  readonly #noObjects: NoObjectRepository;
  readonly #defaultBoxes: DefaultBoxRepository;
  readonly #namedBoxes: NamedBoxesRepository;
  readonly #runs: RunRepository;
  readonly #evaluations: EvaluationRepository;

  constructor(
    readonly directory: string,
    private readonly connection: Connection,
  ) {
    const now = (): Date => new Date();
    this.#classes = new ClassRepository(connection);
    this.#objects = new ObjectRepository(connection);
    this.#images = new ImageRepository(connection, this.#objects, new ImagePaths(directory));
    this.#noObjects = new NoObjectRepository(connection);
    this.#defaultBoxes = new DefaultBoxRepository(connection);
    this.#namedBoxes = new NamedBoxesRepository(connection, now);
    this.#runs = new RunRepository(connection, now);
    this.#evaluations = new EvaluationRepository(connection, now);
  }

  info(): ProjectInfo {
    const name = this.connection.prepare<[], string>('SELECT name FROM project').pluck().get();
    if (name === undefined)
      throw new StudioFailure('unreadable', `The project in ${this.directory} has lost its name.`);
    return { directory: this.directory, name, classes: this.#classes.list() };
  }

  close(): void {
    this.connection.close();
  }

  atomically = <T>(work: () => T): T => this.connection.transaction(work).immediate();

  addClass = (name: string) => this.#classes.add(name);
  renameClass = (id: number, name: string) => this.#classes.rename(id, name);

  addImages = (images: readonly NewImage[]) => this.#images.add(images);
  listImages = (filter: ImageFilter, offset: number, limit: number) => this.#images.list(filter, offset, limit);
  imageIds = (filter: ImageFilter) => this.#images.ids(filter);
  image = (id: number) => this.#images.get(id);
  imagesOfSplit = (split: Split | null) => this.#images.ofSplit(split);
  setSplit = (ids: readonly number[], split: Split | null) => this.#images.setSplit(ids, split);
  setProblem = (id: number, problem: string | null) => this.#images.setProblem(id, problem);
  summary = () => this.#images.summary();
  objectColumns = () => this.#objects.columns();
  applyChanges = (imageId: number, changes: readonly ObjectChange[]) => this.#objects.apply(imageId, changes);

  noObjects = () => this.#noObjects.all();
  setNoObject = (imageId: number, box: CornerBox<ImagePx>, noObject: boolean) =>
    this.#noObjects.set(imageId, box, noObject);

  loadDefaultBoxes = (network: NetworkChoice) => this.#defaultBoxes.load(network);
  saveDefaultBoxes = (network: NetworkChoice, configuration: DefaultBoxConfiguration) =>
    this.#defaultBoxes.save(network, configuration);
  loadMatchingThreshold = (network: NetworkChoice) => this.#defaultBoxes.loadThreshold(network);
  saveMatchingThreshold = (network: NetworkChoice, threshold: number) =>
    this.#defaultBoxes.saveThreshold(network, threshold);
  namedBoxes = () => this.#namedBoxes.list();
  keepBoxes = (kept: Parameters<ProjectStore['keepBoxes']>[0]) => this.#namedBoxes.keep(kept);
  renameBoxes = (id: number, name: string) => this.#namedBoxes.rename(id, name);
  removeBoxes = (id: number) => this.#namedBoxes.remove(id);

  createRun = (run: Parameters<ProjectStore['createRun']>[0]) => this.#runs.create(run);
  updateRun = (id: number, change: Parameters<ProjectStore['updateRun']>[1]) => this.#runs.update(id, change);
  run = (id: number) => this.#runs.get(id);
  runs = () => this.#runs.list();
  removeRun = (id: number) => this.#runs.remove(id);
  runDirectory = (id: number) => join(this.directory, 'runs', String(id));
  saveEvaluation = (runId: number, report: EvaluationReport) => this.#evaluations.save(runId, report);
  lastEvaluation = (runId: number) => this.#evaluations.last(runId);
}
