/**
 * Boxes as lines of text, one file per picture (rafaelpadilla's "class [score] left top width height") or per class (VOC devkit's
 * "picture score xmin ymin xmax ymax"), and VOC XML, as an evaluation needs them.
 */
import type { VocAnnotation } from './voc';
import { DetectionBuilder, GroundTruthBuilder } from './evaluation-tables';
import type { Bounds, DetectionsFile, GroundTruthFile } from './evaluation-tables';
import { FormatError } from './format-error';

/** The content of one file under the picture's name, its own without extension. */
export interface Named<T> {
  readonly name: string;
  readonly content: T;
}

interface NamedBox {
  /** Class or picture, whatever the line begins with. */
  readonly name: string;
  readonly score: number;
  readonly bounds: Bounds;
}

/** "class left top width height" per line; the class may hold spaces. Throws FormatError that names the line. */
export function parseGroundTruthLines(text: string): NamedBox[] {
  return parseLines(text, 4, 'class left top width height').map(({ name, values: [x, y, w, h] }) => ({
    name,
    score: 1,
    bounds: [x, y, w, h],
  }));
}

/** "class score left top width height" per line. Throws FormatError that names the line. */
export function parseDetectionLines(text: string): NamedBox[] {
  return parseLines(text, 5, 'class score left top width height').map(({ name, values: [score, x, y, w, h] }) => ({
    name,
    score,
    bounds: [x, y, w, h],
  }));
}

/** "picture score xmin ymin xmax ymax" per line. Throws FormatError that names the line. */
export function parseDevkitLines(text: string): NamedBox[] {
  return parseLines(text, 5, 'picture score xmin ymin xmax ymax').map(({ name, values: [score, x1, y1, x2, y2] }) => ({
    name,
    score,
    bounds: [x1, y1, x2 - x1, y2 - y1],
  }));
}

/** The class of a devkit's results file such as comp4_det_test_person.txt, or null. */
export function devkitClass(fileName: string): string | null {
  return /^comp\d+_(?:.+_)?det_[^_]+_(.+)\.txt$/.exec(fileName)?.[1] ?? null;
}

/** @param withoutObjects pictures that have no file of their own */
export function groundTruthFromLines(
  files: readonly Named<readonly NamedBox[]>[],
  withoutObjects: readonly string[],
): GroundTruthFile {
  const objects = files.flatMap(({ name, content }) =>
    content.map((box) => ({ picture: name, className: box.name, bounds: box.bounds, difficult: false })),
  );
  const own = new Set(files.map(({ name }) => name));
  const missing = withoutObjects.filter((name) => !own.has(name));
  const notes =
    missing.length === 0
      ? []
      : [`${missing.length} pictures have detections but no ground truth: they hold no object.`];
  return groundTruthOf([...own, ...missing], objects, notes);
}

export function groundTruthFromVoc(files: readonly Named<VocAnnotation>[]): GroundTruthFile {
  const objects = files.flatMap(({ name, content }) =>
    content.objects.map(({ className, box, difficult }) => {
      const bounds: Bounds = [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1];
      return { picture: name, className, bounds, difficult };
    }),
  );
  const notes = files.flatMap(({ name, content }) =>
    content.skipped.map(({ object, reason }) => `${name}, object ${object} was left out: ${reason}.`),
  );
  return groundTruthOf(
    files.map(({ name }) => name),
    objects,
    notes,
  );
}

/** One file per picture. */
export function detectionsByPicture(
  files: readonly Named<readonly NamedBox[]>[],
  truth: GroundTruthFile,
): DetectionsFile {
  const builder = new DetectionBuilder(truth);
  for (const { name: picture, content } of files) {
    for (const { name, bounds, score } of content) builder.add(picture, name, bounds, score);
  }
  return builder.file();
}

/** One file per class. */
export function detectionsByClass(
  files: readonly Named<readonly NamedBox[]>[],
  truth: GroundTruthFile,
): DetectionsFile {
  const builder = new DetectionBuilder(truth);
  for (const { name: className, content } of files) {
    for (const { name, bounds, score } of content) builder.add(name, className, bounds, score);
  }
  return builder.file();
}

interface NamedObject {
  readonly picture: string;
  readonly className: string;
  readonly bounds: Bounds;
  readonly difficult: boolean;
}

/** Pictures and classes in order of their names. */
function groundTruthOf(
  pictures: readonly string[],
  objects: readonly NamedObject[],
  notes: readonly string[],
): GroundTruthFile {
  const imageOf = positions(pictures);
  const categoryOf = positions(new Set(objects.map(({ className }) => className)));
  const builder = new GroundTruthBuilder();
  for (const { picture, className, bounds, difficult } of objects) {
    const [image, category] = [imageOf.get(picture), categoryOf.get(className)];
    if (image !== undefined && category !== undefined) builder.add({ image, category, bounds, difficult });
  }
  return {
    imageCount: imageOf.size,
    classNames: [...categoryOf.keys()],
    groundTruths: builder.table(),
    imageOf,
    categoryOf,
    sizes: Array.from({ length: imageOf.size }, () => null),
    notes,
  };
}

const positions = (names: Iterable<string>): Map<string, number> =>
  new Map([...names].sort().map((name, i) => [name, i]));

/** Lines of a name and so many numbers, blank ones left out. */
function parseLines(text: string, count: number, form: string): { readonly name: string; readonly values: number[] }[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '') return [];
    const values = words.slice(-count).map(Number);
    const name = words.slice(0, -count).join(' ');
    if (name === '' || !values.every(Number.isFinite)) {
      throw new FormatError(`line ${index + 1} is not "${form}": ${line.slice(0, 100)}`);
    }
    return [{ name, values }];
  });
}
