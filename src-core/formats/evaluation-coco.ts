/** COCO's instances and results files as an evaluation needs them. One wrong entry is an error: numbers of half a file mislead. */
import { z } from 'zod';
import { DetectionBuilder, GroundTruthBuilder, listed } from './evaluation-tables';
import type { DetectionsFile, GroundTruthFile } from './evaluation-tables';
import { FormatError } from './format-error';

/** Far outside any picture; keeps sums of coordinates finite. */
const LIMIT = 1e9;
const coordinate = z.number().min(-LIMIT).max(LIMIT);
const bbox = z.tuple([coordinate, coordinate, coordinate, coordinate]);
const flag = z.union([z.boolean(), z.number()]).optional();

const instances = z.object({
  images: z.array(z.unknown()),
  annotations: z.array(z.unknown()),
  categories: z.array(z.unknown()),
});
const image = z.object({ id: z.int(), file_name: z.string().optional() });
const category = z.object({ id: z.int(), name: z.string().optional() });
const annotation = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  image_id: z.int(),
  category_id: z.int(),
  bbox,
  area: z.number().optional(),
  iscrowd: flag,
  ignore: flag,
  difficult: flag,
});

/** A bare list as COCO's results files are, or a data set whose annotations have scores. */
const results = z.union([z.array(z.unknown()), z.object({ annotations: z.array(z.unknown()) })]);
const detection = z.object({ image_id: z.int(), category_id: z.int(), bbox, score: z.number() });

/**
 * Pictures and categories in order of their identifiers, annotations in the order of the file. Crowds and what the file calls
 * ignored or difficult are VOC's difficult objects. Throws FormatError that names the entry.
 */
export function readCocoGroundTruth(text: string): GroundTruthFile {
  const { images, annotations, categories } = topLevel(instances, text);
  const imageEntries = byId(readEntries('images', images, image), 'images');
  const categoryEntries = byId(readEntries('categories', categories, category), 'categories');
  const imageOf = new Map<number | string, number>();
  imageEntries.forEach(({ file_name: file }, i) => file !== undefined && imageOf.set(stem(file), i));
  imageEntries.forEach(({ id }, i) => imageOf.set(id, i));
  const classNames = categoryEntries.map(({ id, name }) => name ?? String(id));
  const categoryOf = new Map<number | string, number>(classNames.map((name, i) => [name, i]));
  categoryEntries.forEach(({ id }, i) => categoryOf.set(id, i));

  const builder = new GroundTruthBuilder();
  const entryOfId = new Map<number | string, number>();
  const unknown = { images: new Set<number>(), categories: new Set<number>() };
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
      difficult: Boolean(entry.iscrowd) || Boolean(entry.ignore) || Boolean(entry.difficult),
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
    notes,
  };
}

/** Entries in the order of the file. Throws FormatError that names the entry. */
export function readCocoDetections(text: string, truth: GroundTruthFile): DetectionsFile {
  const top = topLevel(results, text);
  const builder = new DetectionBuilder(truth);
  const [name, entries] = Array.isArray(top) ? ['detections', top] : ['annotations', top.annotations];
  forEachEntry(name, entries, detection, (entry) =>
    builder.add(entry.image_id, entry.category_id, entry.bbox, entry.score),
  );
  return builder.file();
}

function topLevel<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FormatError(`it is not such a file: ${describe(parsed.error)}`);
}

/** One after the other, so that the copies that zod makes of a long list need not be kept. */
function forEachEntry<T>(
  list: string,
  entries: readonly unknown[],
  schema: z.ZodType<T>,
  visit: (entry: T, index: number) => void,
): void {
  entries.forEach((entry, index) => {
    const parsed = schema.safeParse(entry);
    if (!parsed.success) {
      const id = identifierOf(entry);
      throw new FormatError(`${list}[${index}]${id === null ? '' : ` (id ${id})`}, ${describe(parsed.error)}`);
    }
    visit(parsed.data, index);
  });
}

function readEntries<T>(list: string, entries: readonly unknown[], schema: z.ZodType<T>): T[] {
  const read: T[] = [];
  forEachEntry(list, entries, schema, (entry) => read.push(entry));
  return read;
}

function identifierOf(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null || !('id' in entry)) return null;
  return typeof entry.id === 'number' || typeof entry.id === 'string' ? String(entry.id).slice(0, 40) : null;
}

function describe({ issues: [issue] }: z.ZodError): string {
  const place = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `${place.replace(/^\./, '') || 'as a whole'}: ${issue.message}`;
}

function byId<T extends { readonly id: number }>(entries: readonly T[], list: string): T[] {
  const known = new Map<number, number>();
  entries.forEach(({ id }, index) => {
    const before = known.get(id);
    if (before !== undefined) throw duplicate(list, index, id, before);
    known.set(id, index);
  });
  return entries.slice().sort((a, b) => a.id - b.id);
}

const duplicate = (list: string, index: number, id: number | string, before: number): FormatError =>
  new FormatError(`${list}[${index}] has the id ${String(id).slice(0, 40)}, which ${list}[${before}] has already`);

/** Name without folders and extension. */
export const stem = (file: string): string => file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
