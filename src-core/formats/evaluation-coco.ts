/** COCO's instances and results files as an evaluation needs them. One wrong entry is an error: numbers of half a file mislead. */
import { z } from 'zod';
import { DetectionBuilder, GroundTruthBuilder, listed, namedPictures, stem } from './evaluation-tables';
import type { DetectionsFile, GroundTruthFile } from './evaluation-tables';
import { FormatError } from './format-error';
import { forEachEntry, parseJson, readEntries } from './json-entries';
import { extentOfMask } from './run-length';

/** Far outside any picture; keeps sums of coordinates finite. */
const LIMIT = 1e9;
const coordinate = z.number().min(-LIMIT).max(LIMIT);
const bbox = z.tuple([coordinate, coordinate, coordinate, coordinate]);
const flag = z.union([z.boolean(), z.number()]).optional();
/** COCO's are whole numbers; some tools write names. */
const identifier = z.union([z.int(), z.string()]);
type Identifier = z.infer<typeof identifier>;

const instances = z.object({
  images: z.array(z.unknown()),
  annotations: z.array(z.unknown()),
  categories: z.array(z.unknown()),
});
const side = z.number().positive().max(LIMIT);
const image = z.object({
  id: identifier,
  file_name: z.string().optional(),
  width: side.optional().catch(undefined),
  height: side.optional().catch(undefined),
});
const category = z.object({ id: identifier, name: z.string().optional() });
const annotation = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  image_id: identifier,
  category_id: identifier,
  bbox,
  area: z.number().optional(),
  iscrowd: flag,
  ignore: flag,
  difficult: flag,
});

/** A bare list as COCO's results files are, or a data set whose annotations have scores. */
const results = z.union([
  z.array(z.unknown()),
  z.object({
    annotations: z.array(z.unknown()),
    images: z.array(z.unknown()).optional(),
    categories: z.array(z.unknown()).optional(),
  }),
]);
const pixels = z.int().min(1).max(100_000);
const mask = z.object({
  size: z.tuple([pixels, pixels]),
  counts: z.union([z.string(), z.array(z.int().min(0).max(1e10))]),
});
const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const detection = z.object({
  image_id: identifier,
  category_id: identifier,
  bbox: z.preprocess((value) => (isEmpty(value) ? undefined : value), bbox.optional()),
  score: z.number(),
  segmentation: z.unknown().optional(),
});

/**
 * Pictures and categories in order of their identifiers, annotations in the order of the file. What the file calls ignored or
 * difficult are VOC's difficult objects. Throws FormatError that names the entry.
 */
export function readCocoGroundTruth(text: string): GroundTruthFile {
  const { images, annotations, categories } = parseJson(instances, text);
  const imageEntries = byId(readEntries('images', images, image), 'images');
  const categoryEntries = byId(readEntries('categories', categories, category), 'categories');
  const imageOf = namedPictures(imageEntries.map(({ file_name: file }) => file));
  imageEntries.forEach(({ id }, i) => imageOf.set(id, i));
  const classNames = categoryEntries.map(({ id, name }) => name ?? String(id));
  const categoryOf = new Map<Identifier, number>(classNames.map((name, i) => [name, i]));
  categoryEntries.forEach(({ id }, i) => categoryOf.set(id, i));

  const builder = new GroundTruthBuilder();
  const entryOfId = new Map<Identifier, number>();
  const unknown = { images: new Set<Identifier>(), categories: new Set<Identifier>() };
  let withoutArea = 0;
  let numberedZero = false;
  forEachEntry('annotations', annotations, annotation, (entry, index) => {
    if (entry.id !== undefined) {
      const before = entryOfId.get(entry.id);
      if (before !== undefined) throw duplicate('annotations', index, entry.id, before);
      entryOfId.set(entry.id, index);
    }
    const imageIndex = imageOf.get(entry.image_id);
    const categoryIndex = categoryOf.get(entry.category_id);
    if (imageIndex === undefined) unknown.images.add(entry.image_id);
    if (categoryIndex === undefined) unknown.categories.add(entry.category_id);
    if (imageIndex === undefined || categoryIndex === undefined) return;
    if (entry.area === undefined) withoutArea++;
    if (entry.id === 0) numberedZero = true;
    builder.add({
      image: imageIndex,
      category: categoryIndex,
      bounds: entry.bbox,
      area: entry.area,
      crowd: Boolean(entry.iscrowd),
      difficult: Boolean(entry.ignore) || Boolean(entry.difficult),
      id: typeof entry.id === 'number' ? entry.id : undefined,
    });
  });
  const notes: string[] = [];
  for (const what of ['images', 'categories'] as const) {
    if (unknown[what].size > 0) {
      notes.push(`Annotations of ${what} that the file does not list were left out: ${listed([...unknown[what]])}.`);
    }
  }
  if (withoutArea > 0) notes.push(`${withoutArea} annotations have no area; their width times height was taken.`);
  if (numberedZero) {
    notes.push('An annotation has the identifier 0: --metric coco never counts it as found, as pycocotools does not.');
  }
  return {
    imageCount: imageEntries.length,
    classNames,
    groundTruths: builder.table(),
    imageOf,
    categoryOf,
    sizes: imageEntries.map(({ width, height }) =>
      width === undefined || height === undefined ? null : { width, height },
    ),
    notes,
  };
}

/**
 * Entries in the order of the file. A data set's own lists of pictures and categories say by name which of the ground truth's
 * they are, whatever the numbers. Where an entry has a mask and no box, the box is the one around it and the area the mask's
 * (pycocotools, loadRes). Throws FormatError that names the entry.
 */
export function readCocoDetections(
  text: string,
  truth: GroundTruthFile,
  names: readonly string[] = [],
): DetectionsFile {
  const top = parseJson(results, text);
  const builder = new DetectionBuilder(truth, names);
  if (Array.isArray(top)) addDetections('detections', top, builder);
  else {
    const pictures = readEntries('images', top.images ?? [], image);
    const categories = readEntries('categories', top.categories ?? [], category);
    const pictureNames = pictures.map(({ id, file_name: file }): Named => [
      id,
      file === undefined || truth.imageOf.has(file) ? file : stem(file),
    ]);
    const categoryNames = categories.map(({ id, name }): Named => [id, name]);
    const pictureOf = translation(pictureNames, truth.imageOf);
    addDetections('annotations', top.annotations, builder, pictureOf, translation(categoryNames, truth.categoryOf));
  }
  return builder.file();
}

const same = (id: Identifier): Identifier => id;

function addDetections(
  list: string,
  entries: readonly unknown[],
  builder: DetectionBuilder,
  pictureOf = same,
  categoryOf = same,
): void {
  forEachEntry(list, entries, detection, ({ image_id, category_id, score, bbox: box, segmentation }, _, refuse) => {
    const [picture, own] = [pictureOf(image_id), categoryOf(category_id)];
    if (box !== undefined) return builder.add(picture, own, box, score);
    const runs = mask.safeParse(segmentation);
    const extent = runs.success ? extentOfMask(runs.data) : null;
    if (extent === null) throw refuse('bbox: there is no box, and no run-length mask to take one from');
    builder.add(picture, own, extent.bounds, score, extent.area);
  });
}

type Named = readonly [id: Identifier, name: string | undefined];

/** From a file's own identifiers to names, if the ground truth knows any of these names; else the identifiers are its. */
function translation(
  entries: readonly Named[],
  known: ReadonlyMap<Identifier, number>,
): (id: Identifier) => Identifier {
  if (!entries.some(([, name]) => name !== undefined && known.has(name))) return same;
  const names = new Map(entries);
  return (id) => names.get(id) ?? id;
}

function byId<T extends { readonly id: Identifier }>(entries: readonly T[], list: string): T[] {
  const known = new Map<Identifier, number>();
  entries.forEach(({ id }, index) => {
    const before = known.get(id);
    if (before !== undefined) throw duplicate(list, index, id, before);
    known.set(id, index);
  });
  return entries.slice().sort((a, b) => compareIdentifiers(a.id, b.id));
}

/** Numbers before names. */
function compareIdentifiers(a: Identifier, b: Identifier): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const duplicate = (list: string, index: number, id: Identifier, before: number): FormatError =>
  new FormatError(`${list}[${index}] has the id ${String(id).slice(0, 40)}, which ${list}[${before}] has already`);
