/** Ground truth and detections of an evaluation, read from files of the formats that detectors and labelling tools write. */
import { StudioFailure } from '@core/contract/failure';
import { fromVoc, readCvat, readLabelMe, readOpenImages } from '@core/formats/annotated';
import { readCocoDetections, readCocoGroundTruth } from '@core/formats/evaluation-coco';
import { stem, type DetectionsFile, type GroundTruthFile, type PictureSize } from '@core/formats/evaluation-tables';
import {
  devkitClass,
  parseDetectionLines,
  parseDevkitLines,
  parseGroundTruthLines,
  type BoxLayout,
} from '@core/formats/evaluation-text';
import { FormatError } from '@core/formats/format-error';
import { groundTruthOf, type AnnotatedPictures } from '@core/formats/picture-boxes';
import { detectionsByClass, detectionsByPicture, fromLines, type TextReading } from '@core/formats/text-boxes';
import { readTfRecord } from '@core/formats/tfrecord';
import { parseVoc } from '@core/formats/voc';
import { mapParallel } from './parallel';
import type { Files, FoundFile, ImageReader } from './ports';
import { decodeText } from './text';

export const TRUTH_FORMATS = [
  'coco',
  'voc',
  'cvat',
  'labelme',
  'openimages',
  'tfrecord',
  'yolo',
  'text',
  'text-xyxy',
] as const;
export type TruthFormat = (typeof TRUTH_FORMATS)[number];
export const DETECTION_FORMATS = ['coco', 'devkit', 'text', 'text-xyxy', 'text-relative', 'yolo'] as const;
export type DetectionFormat = (typeof DETECTION_FORMATS)[number];

export interface EvaluateFilesRequest {
  readonly truth: string;
  readonly detections: string;
  /** Absent: told from the path and what lies there; lines of text are then left, top, width, height. */
  readonly truthFormat?: TruthFormat;
  readonly detectionsFormat?: DetectionFormat;
  /** A file with a class per line, for classes that are numbered from 0; a YOLO folder's own names hold for its ground truth. */
  readonly names?: string;
  /** A folder with the pictures, for boxes in fractions of their size. */
  readonly images?: string;
}

export interface ReadFiles {
  readonly truth: GroundTruthFile;
  readonly found: DetectionsFile;
}

const MAX_DATA_SET_BYTES = 500_000_000;
const MAX_TEXT_BYTES = 16_000_000;
const FILES_AT_ONCE = 16;
const LAYOUTS: Readonly<Partial<Record<TruthFormat | DetectionFormat, BoxLayout>>> = {
  'text-xyxy': 'xyxy',
  'text-relative': 'relative',
  yolo: 'relative',
};

/** Throws StudioFailure that names the file and the place in it. */
export async function readFiles(
  request: EvaluateFilesRequest,
  files: Files,
  reader: ImageReader,
  signal: AbortSignal,
): Promise<ReadFiles> {
  const truthPlace = await place(request.truth, files, signal);
  const foundPlace = await place(request.detections, files, signal);
  const truthFormat = request.truthFormat ?? guessTruth(truthPlace);
  const foundFormat = request.detectionsFormat ?? guessDetections(foundPlace);
  const pictures = request.images === undefined ? [] : (await place(request.images, files, signal)).files;
  const sizes = await measure(pictures, reader);
  const own = ownNames(truthFormat, truthPlace);
  // Each side may number the classes in its own way.
  const truthReading = await readingOf(truthFormat, own ?? request.names);
  const foundReading = await readingOf(foundFormat, request.names ?? own);

  const read = await readTruth(truthFormat, truthPlace, files, truthReading);
  const truth = 'groundTruths' in read ? read : groundTruthOf([...read, ...withoutObjects()]);
  return { truth, found: await readDetections(foundFormat, foundPlace, truth, files, foundReading) };

  async function readingOf(format: TruthFormat | DetectionFormat, list: string | undefined): Promise<TextReading> {
    return { layout: LAYOUTS[format] ?? 'xywh', names: await readNames(list, files), sizes };
  }

  /** In formats that have nothing to say of a picture without objects, one with detections is such a picture. */
  function withoutObjects(): AnnotatedPictures[] {
    if (truthFormat === 'voc' || truthFormat === 'cvat' || truthFormat === 'labelme' || truthFormat === 'tfrecord') {
      return [];
    }
    const known = new Set(
      (read as readonly AnnotatedPictures[]).flatMap((part) => part.pictures.map(({ name }) => name)),
    );
    const perPicture = foundFormat === 'coco' || foundFormat === 'devkit' ? [] : ofType(foundPlace.files, 'txt');
    const others = [...perPicture, ...pictures.filter(({ relative }) => sizes.has(stem(relative)))];
    const missing = [...new Set(others.map(({ relative }) => stem(relative)))].filter((name) => !known.has(name));
    if (missing.length === 0) return [];
    const notes = [`${missing.length} pictures have no ground truth: they hold no object.`];
    return [{ pictures: missing.map((name) => ({ name, size: sizes.get(name) ?? null, objects: [] })), notes }];
  }
}

interface Place {
  readonly path: string;
  readonly isFolder: boolean;
  /** The file itself; or what lies in the folder itself, in order of names. */
  readonly files: readonly FoundFile[];
  /** Of a folder: what lies below it, too. */
  readonly below: readonly FoundFile[];
}

async function place(path: string, files: Files, signal: AbortSignal): Promise<Place> {
  let folder: string;
  try {
    folder = await files.folder(path);
  } catch (error) {
    if (await files.exists(path)) {
      const own = { relative: path.replace(/^.*[\\/]/, ''), path, leadsOut: false };
      return { path, isFolder: false, files: [own], below: [] };
    }
    throw new StudioFailure('not-found', `There is no file and no folder ${path}.`, undefined, { cause: error });
  }
  const below = (await files.walk(folder, signal)).filter(({ leadsOut }) => !leadsOut);
  return { path, isFolder: true, files: below.filter(({ relative }) => !relative.includes('/')), below };
}

const ofType = (files: readonly FoundFile[], ...extensions: readonly string[]): FoundFile[] =>
  files.filter(({ relative }) => extensions.some((extension) => relative.toLowerCase().endsWith(`.${extension}`)));
const inFolder = ({ below }: Place, folder: string): FoundFile[] =>
  below.filter(({ relative }) => relative.startsWith(`${folder}/`) && relative.split('/').length === 2);

function guessTruth(at: Place): TruthFormat {
  const { files, isFolder } = at;
  const has = (extension: string): number => ofType(files, extension).length;
  if (has('csv') === 1) return 'openimages';
  if (has('tfrecord') + has('record') > 0) return 'tfrecord';
  if (has('json') > 0) return has('json') === 1 ? 'coco' : 'labelme';
  if (has('xml') === 1 && (!isFolder || files.some(({ relative }) => relative === 'annotations.xml'))) return 'cvat';
  if (has('xml') > 0 || ofType(inFolder(at, 'Annotations'), 'xml').length > 0) return 'voc';
  if (inFolder(at, 'obj_train_data').length > 0) return 'yolo';
  if (has('txt') > 0) return 'text';
  throw new StudioFailure(
    'not-found',
    `There is no ground truth of a known format in ${at.path}.`,
    `Known are ${TRUTH_FORMATS.join(', ')}; --truth-format chooses one.`,
  );
}

function guessDetections({ path, files, isFolder }: Place): DetectionFormat {
  if (ofType(files, 'json').length === 1 || !isFolder) return 'coco';
  const texts = ofType(files, 'txt');
  if (texts.length === 0) {
    throw new StudioFailure('not-found', `There are no .txt files and no .json file in the folder ${path}.`);
  }
  return texts.every(({ relative }) => devkitClass(relative) !== null) ? 'devkit' : 'text';
}

/** The whole ground truth, or that of each file. */
async function readTruth(
  format: TruthFormat,
  at: Place,
  files: Files,
  reading: TextReading,
): Promise<GroundTruthFile | readonly AnnotatedPictures[]> {
  switch (format) {
    case 'coco':
      return parse(only(at, 'json'), MAX_DATA_SET_BYTES, files, readCocoGroundTruth);
    case 'cvat':
      return [await parse(only(at, 'xml'), MAX_DATA_SET_BYTES, files, readCvat)];
    case 'openimages': {
      const read = (text: string): AnnotatedPictures => readOpenImages(text, reading.sizes);
      return [await parse(only(at, 'csv'), MAX_DATA_SET_BYTES, files, read)];
    }
    case 'tfrecord': {
      const records = ofType(at.files, 'tfrecord', 'record');
      return mapParallel(records, 1, ({ path }) => readContent(path, MAX_DATA_SET_BYTES, files, readTfRecord));
    }
    case 'voc': {
      const own = ofType(at.files, 'xml');
      const annotations = own.length > 0 ? own : ofType(inFolder(at, 'Annotations'), 'xml');
      return parseEach(annotations, files, (text, name) => fromVoc(name, parseVoc(text)));
    }
    case 'labelme':
      return parseEach(ofType(at.files, 'json'), files, (text, name) => readLabelMe(name, text));
    default: {
      const darknet = ofType(inFolder(at, 'obj_train_data'), 'txt');
      const lists = new Set(['classes.txt', 'train.txt']);
      const own = ofType(at.files, 'txt').filter(({ relative }) => format !== 'yolo' || !lists.has(relative));
      return parseEach(darknet.length > 0 && format === 'yolo' ? darknet : own, files, (text, name) =>
        fromLines({ name, content: parseGroundTruthLines(text, reading.layout) }, reading),
      );
    }
  }
}

async function readDetections(
  format: DetectionFormat,
  at: Place,
  truth: GroundTruthFile,
  files: Files,
  reading: TextReading,
): Promise<DetectionsFile> {
  if (format === 'coco') {
    const read = (text: string): DetectionsFile => readCocoDetections(text, truth, reading.names);
    return parse(only(at, 'json'), MAX_DATA_SET_BYTES, files, read);
  }
  const texts = ofType(at.files, 'txt');
  if (format === 'devkit') {
    const parsed = await parseEach(texts, files, parseDevkitLines);
    const byClass = parsed.map((content, i) => ({
      name: devkitClass(texts[i].relative) ?? stem(texts[i].relative),
      content,
    }));
    return detectionsByClass(byClass, truth);
  }
  const parsed = await parseEach(texts, files, (text, name) => ({
    name,
    content: parseDetectionLines(text, reading.layout, format === 'yolo' ? 'end' : 'front'),
  }));
  return guarded(at.path, () => detectionsByPicture(parsed, truth, reading));
}

/** CVAT's and LabelImg's YOLO folders bring their names along. */
function ownNames(format: TruthFormat, { files }: Place): string | undefined {
  if (format !== 'yolo') return undefined;
  return files.find(({ relative }) => relative === 'obj.names' || relative === 'classes.txt')?.path;
}

async function readNames(path: string | undefined, files: Files): Promise<readonly string[]> {
  if (path === undefined) return [];
  return parse(path, MAX_TEXT_BYTES, files, (text) =>
    text
      .trimEnd()
      .split(/\r?\n/)
      .map((name) => name.trim()),
  );
}

async function measure(pictures: readonly FoundFile[], reader: ImageReader): Promise<ReadonlyMap<string, PictureSize>> {
  const known = ofType(pictures, 'jpg', 'jpeg', 'png', 'webp');
  const sizes = await mapParallel(known, FILES_AT_ONCE, ({ path }) => reader.measure(path));
  return new Map(known.map(({ relative }, i) => [stem(relative), sizes[i]]));
}

function only({ path, files }: Place, extension: string): string {
  const found = ofType(files, extension);
  if (found.length === 1) return found[0].path;
  if (files.length === 1) return files[0].path;
  throw new StudioFailure(
    'not-found',
    `There is not one .${extension} file in ${path} but ${found.length}.`,
    'Name the file itself.',
  );
}

async function parseEach<T>(
  found: readonly FoundFile[],
  files: Files,
  read: (text: string, name: string) => T,
): Promise<T[]> {
  return mapParallel(found, FILES_AT_ONCE, ({ path, relative }) =>
    parse(path, MAX_TEXT_BYTES, files, (text) => read(text, stem(relative))),
  );
}

const parse = <T>(path: string, maxBytes: number, files: Files, read: (text: string) => T): Promise<T> =>
  readContent(path, maxBytes, files, (bytes) => read(decodeText(bytes)));

async function readContent<T>(
  path: string,
  maxBytes: number,
  files: Files,
  read: (bytes: Uint8Array) => T,
): Promise<T> {
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path, maxBytes);
  } catch (error) {
    throw failureAt(path, error);
  }
  return guarded(path, () => read(bytes));
}

function guarded<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw failureAt(path, error);
  }
}

function failureAt(path: string, error: unknown): unknown {
  const isAboutContent =
    error instanceof FormatError || (error instanceof StudioFailure && error.code === 'unreadable');
  return isAboutContent ? new StudioFailure('unreadable', `${path}: ${error.message}.`) : error;
}
