/**
 * Import of a folder of Pascal VOC annotations. Whatever is wrong with a file is reported and the rest goes on; the project
 * changes once, at the end, or not at all.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { StudioFailure, throwIfCancelled } from '@core/contract/failure';
import type { ImportReport, ImportSkip } from '@core/contract/images';
import { splitByHash } from '@core/dataset/split';
import type { Split } from '@core/dataset/model';
import { FormatError } from '@core/formats/format-error';
import { parseVoc, placeInPicture } from '@core/formats/voc';
import type { VocAnnotation, VocObject, VocProblem } from '@core/formats/voc';
import type { OperationContext } from './operations';
import { mapParallel } from './parallel';
import type { Files, FoundFile, ImageReader, NewImage, ProjectStore } from './ports';
import { decodeText } from './text';
import { findVocFolders, isAnnotation, isPicture, splitFromFolder, splitsFromLists } from './voc-folder';
import type { PictureIndex, VocFolder } from './voc-folder';

export interface VocImportRequest {
  readonly from: string;
  readonly images?: string | undefined;
  readonly split?: Split | undefined;
  readonly copy: boolean;
}

interface Ports {
  readonly files: Files;
  readonly reader: ImageReader;
}

/** One picture with what its annotation says, read but not yet checked. */
interface Entry {
  readonly picture: FoundFile;
  /** Where a copy would lie below the project's images/. */
  readonly copyName: string;
  /** Decides the split where the folder has none. */
  readonly name: string;
  /** Null: a picture without annotation. */
  readonly source: { readonly file: string; readonly annotation: VocAnnotation } | null;
  readonly split: Split | null;
}

interface CheckedEntry extends Entry {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly VocObject[];
}

/** What did not go as written, gathered along the way. */
interface Remarks {
  readonly skipped: ImportSkip[];
  readonly notes: ImportSkip[];
}

const MAX_ANNOTATION_BYTES = 16_000_000;
const PICTURES_AT_ONCE = 4;
const VAL_SHARE = 0.2;

/**
 * Adds the folder's pictures and objects to the project. Pictures that it knows already (by real path, or by content when
 * copied) stay as they are. Throws StudioFailure: 'not-found' (no folder, nothing to import in it), 'cancelled', 'disk-full'.
 */
export async function importVoc(
  store: ProjectStore,
  request: VocImportRequest,
  ports: Ports,
  { progress, signal }: OperationContext,
): Promise<ImportReport> {
  progress('Looking for annotations', 0, 1);
  const files = await ports.files.walk(request.from, signal);
  const pictures = request.images === undefined ? null : await ports.files.walk(request.images, signal);
  const folders = findVocFolders(files, pictures);
  if (folders.length === 0) {
    throw new StudioFailure(
      'not-found',
      `There are neither Pascal VOC annotations (.xml files) nor pictures in ${request.from}.`,
      'Choose the folder that holds Annotations and JPEGImages, XML files beside their pictures, or pictures to label.',
    );
  }

  const remarks: Remarks = { skipped: [], notes: [] };
  refuseLinks([...files, ...(pictures ?? [])], remarks);
  const entries: Entry[] = [];
  for (const folder of folders) {
    entries.push(...(await readFolder(folder, request, ports.files, remarks, { progress, signal })));
  }

  const copies: string[] = [];
  try {
    const checked = await checkPictures(store, entries, request.copy, copies, ports, remarks, { progress, signal });
    throwIfCancelled(signal);
    progress('Saving', 0, 1);
    const report = save(store, checked.entries, remarks);
    progress('Saving', 1, 1);
    copies.length = 0;
    return { ...report, imagesUnchanged: report.imagesUnchanged + checked.unchanged };
  } finally {
    // Empty once the project knows them.
    for (const copy of copies) await ports.files.remove(copy);
  }
}

function refuseLinks(files: readonly FoundFile[], remarks: Remarks): void {
  for (const file of files) {
    const matters = isPicture(file) || isAnnotation(file) || !/\.[^./]*$/.test(file.relative);
    if (file.leadsOut && matters) {
      remarks.skipped.push(
        about(file.relative, 'this link leads out of the folder, or to nothing, and is not followed'),
      );
    }
  }
}

async function readFolder(
  folder: VocFolder,
  request: VocImportRequest,
  files: Files,
  remarks: Remarks,
  { progress, signal }: OperationContext,
): Promise<Entry[]> {
  const listed = await readLists(folder, files, remarks);
  const splitOf = (name: string, picture: FoundFile): Split | null => {
    if (request.split !== undefined) return request.split;
    if (listed !== null) return listed.get(name) ?? listed.get(name.slice(name.lastIndexOf('/') + 1)) ?? null;
    return splitFromFolder(name) ?? splitFromFolder(picture.relative);
  };

  const entries: Entry[] = [];
  const claimed = new Map<FoundFile, string>();
  for (const [index, file] of folder.annotations.entries()) {
    throwIfCancelled(signal);
    progress('Reading annotations', index, folder.annotations.length);
    if (file.leadsOut) continue;
    try {
      const annotation = parseVoc(decodeText(await files.read(file.path, MAX_ANNOTATION_BYTES)));
      const name = folder.nameOf(file);
      const picture = pictureOf(folder.pictures, name, annotation);
      const owner = claimed.get(picture);
      if (owner !== undefined) throw new FormatError(`its picture ${picture.relative} has its objects from ${owner}`);
      claimed.set(picture, file.relative);
      entries.push({
        picture,
        copyName: folder.pictures.pathOf(picture),
        name,
        source: { file: file.relative, annotation },
        split: splitOf(name, picture),
      });
    } catch (error) {
      remarks.skipped.push(about(file.relative, reasonOf(error)));
    }
    // Reading is quick and sync in parts: let other requests of this process through.
    if (index % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
  }
  progress('Reading annotations', folder.annotations.length, folder.annotations.length);
  const needsSplit =
    entries.length > 0 &&
    request.split === undefined &&
    listed === null &&
    entries.every((entry) => entry.split === null);
  const labelled = needsSplit ? splitUnlisted(entries, remarks) : entries;
  return [...labelled, ...unlabelledPictures(folder, request, new Set(claimed.keys()), remarks)];
}

/** Pictures that no annotation is named after. In no split unless asked: training would take every part of them for background. */
function unlabelledPictures(
  folder: VocFolder,
  request: VocImportRequest,
  claimed: ReadonlySet<FoundFile>,
  remarks: Remarks,
): Entry[] {
  const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const annotated = new Set(folder.annotations.map((file) => lastOf(folder.nameOf(file))));
  const pictures = folder.pictures.files.filter(
    (file) => !file.leadsOut && !claimed.has(file) && !annotated.has(lastOf(file.relative).replace(/\.[^.]*$/, '')),
  );
  const where = request.split === undefined ? 'in no split' : `in ${request.split}`;
  if (folder.annotations.length === 0 && pictures.length > 1) {
    const text = `there are no annotations: ${pictures.length} pictures were added without objects, ${where}`;
    remarks.notes.push(about('*.xml', text));
  } else {
    for (const picture of pictures) {
      remarks.notes.push(about(picture.relative, `it has no annotation and was added without objects, ${where}`));
    }
  }
  return pictures.map((picture) => ({
    picture,
    copyName: folder.pictures.pathOf(picture),
    name: picture.relative,
    source: null,
    split: request.split ?? null,
  }));
}

function pictureOf(pictures: PictureIndex, name: string, annotation: VocAnnotation): FoundFile {
  const picture = pictures.find(name, annotation.fileName);
  if ('reason' in picture) throw new FormatError(picture.reason);
  if (picture.leadsOut) throw new FormatError(`its picture ${picture.relative} is a link that leads out of the folder`);
  return picture;
}

/** Null when the folder has no lists. */
async function readLists(
  folder: VocFolder,
  files: Files,
  remarks: Remarks,
): Promise<ReadonlyMap<string, Split> | null> {
  const lists: { name: VocFolder['lists'][number]['name']; text: string }[] = [];
  for (const { name, file } of folder.lists) {
    if (file.leadsOut) continue;
    try {
      lists.push({ name, text: decodeText(await files.read(file.path, MAX_ANNOTATION_BYTES)) });
    } catch (error) {
      remarks.skipped.push(about(file.relative, reasonOf(error)));
    }
  }
  return lists.length === 0 ? null : splitsFromLists(lists);
}

function splitUnlisted(entries: readonly Entry[], remarks: Remarks): Entry[] {
  const val = splitByHash(
    entries.map((entry) => entry.name),
    VAL_SHARE,
  );
  const count = entries.filter((entry) => val.has(entry.name)).length;
  remarks.notes.push(
    about(
      'ImageSets/Main',
      `there are no lists of splits, so ${entries.length - count} pictures were put in train and ${count} in val, by a hash of their names`,
    ),
  );
  return entries.map((entry) => ({ ...entry, split: val.has(entry.name) ? 'val' : 'train' }));
}

async function checkPictures(
  store: ProjectStore,
  entries: readonly Entry[],
  copy: boolean,
  copies: string[],
  { files, reader }: Ports,
  remarks: Remarks,
  { progress, signal }: OperationContext,
): Promise<{ readonly entries: readonly CheckedEntry[]; readonly unchanged: number }> {
  const known = new Set(store.imagesOfSplit(null).map((image) => image.path));
  let done = 0;
  let unchanged = 0;
  const checked = await mapParallel(entries, PICTURES_AT_ONCE, async (entry) => {
    throwIfCancelled(signal);
    progress('Checking pictures', done++, entries.length);
    if (!copy && known.has(entry.picture.path)) {
      unchanged += 1;
      return null;
    }
    let size: { readonly width: number; readonly height: number };
    try {
      size = await reader.verify(entry.picture.path);
    } catch (error) {
      remarks.skipped.push(about(entry.picture.relative, reasonOf(error)));
      return null;
    }
    let path = entry.picture.path;
    if (copy) {
      const result = await files.copyInto(join(store.directory, 'images'), entry.copyName, path);
      path = result.path;
      if (result.copied) copies.push(path);
      if (known.has(path)) {
        unchanged += 1;
        return null;
      }
    }
    return { ...entry, ...size, path, objects: placedObjects(entry, size, remarks) };
  });
  progress('Checking pictures', entries.length, entries.length);
  return { entries: checked.filter((entry) => entry !== null), unchanged };
}

function placedObjects(
  { source }: Entry,
  size: { readonly width: number; readonly height: number },
  remarks: Remarks,
): readonly VocObject[] {
  if (source === null) return [];
  const { annotation, file } = source;
  const placed = placeInPicture(annotation.objects, size);
  const toSkip = (p: VocProblem): ImportSkip => ({ file, ...p });
  remarks.skipped.push(...[...annotation.skipped, ...placed.skipped].sort((a, b) => a.object - b.object).map(toSkip));
  remarks.notes.push(...placed.clipped.map(toSkip));
  const written = annotation.size;
  if (written !== null && (written.width !== size.width || written.height !== size.height)) {
    remarks.notes.push(
      about(
        file,
        `it says that the picture is ${written.width}x${written.height}, but it is ${size.width}x${size.height}; the boxes were taken as they are`,
      ),
    );
  }
  return placed.objects;
}

/** Classes, pictures and objects in one transaction. */
function save(store: ProjectStore, entries: readonly CheckedEntry[], remarks: Remarks): ImportReport {
  return store.atomically(() => {
    const ids = new Map(store.info().classes.map((c) => [c.name, c.id]));
    const names = new Set(entries.flatMap((entry) => entry.objects.map((object) => object.className)));
    const classesAdded = [...names].filter((name) => !ids.has(name)).sort();
    for (const name of classesAdded) for (const c of store.addClass(name)) ids.set(c.name, c.id);

    const images = entries.map((entry): NewImage => ({
      path: entry.path,
      fileName: entry.picture.relative.slice(entry.picture.relative.lastIndexOf('/') + 1),
      width: entry.width,
      height: entry.height,
      split: entry.split,
      objects: entry.objects.map(({ className, box, difficult, truncated }) => ({
        id: randomUUID(),
        classId: ids.get(className)!,
        box,
        difficult,
        truncated,
        crowd: false,
      })),
    }));
    const counts = store.addImages(images);
    const splits = { train: 0, val: 0, test: 0, none: 0 };
    for (const image of images) splits[image.split ?? 'none'] += 1;
    return {
      imagesAdded: counts.added,
      imagesUnchanged: counts.unchanged,
      objectsAdded: counts.objectsAdded,
      classesAdded,
      splits,
      skipped: remarks.skipped.sort(inOrderOfFiles),
      notes: remarks.notes.sort(inOrderOfFiles),
    };
  });
}

function inOrderOfFiles(a: ImportSkip, b: ImportSkip): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : (a.object ?? 0) - (b.object ?? 0);
}

const about = (file: string, reason: string): ImportSkip => ({ file, object: null, className: null, reason });

/** An ImageError has its reason apart from the file's name, which the report already gives. */
function reasonOf(error: unknown): string {
  if (error instanceof StudioFailure && (error.code === 'cancelled' || error.code === 'disk-full')) throw error;
  const reason = (error as { readonly reason?: unknown } | null)?.reason;
  if (typeof reason === 'string') return reason;
  return error instanceof Error ? error.message : String(error);
}
