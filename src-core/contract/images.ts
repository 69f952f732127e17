/** Pictures, their objects, import, and the labelling edits. */
import { z } from 'zod';
import type { HealthFinding } from '../dataset/health';
import type { ProjectImage, Split } from '../dataset/model';
import { channel } from './channel';
import { operationId } from './projects';

const split = z.enum(['train', 'val', 'test']);
const imageId = z.number().int().positive();

export const imageFilter = z.object({
  classId: z.number().int().optional(),
  split: z.enum(['train', 'val', 'test', 'none']).optional(),
  labelled: z.boolean().optional(),
  problem: z.boolean().optional(),
  text: z.string().max(200).optional(),
});

const coordinate = z.number().finite();
export const labelledObject = z.object({
  id: z.uuid(),
  classId: z.number().int(),
  box: z
    .object({ x1: coordinate, y1: coordinate, x2: coordinate, y2: coordinate })
    .refine((b) => b.x2 > b.x1 && b.y2 > b.y1, 'a box needs a width and a height'),
  difficult: z.boolean(),
  truncated: z.boolean(),
  crowd: z.boolean(),
});

/** One edit of a picture's objects. A put adds or replaces by id. Its inverse is an edit too. */
export const objectChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('put'), object: labelledObject }),
  z.object({ kind: z.literal('remove'), objectId: z.uuid() }),
]);
export type ObjectChange = z.output<typeof objectChange>;

/** Something an import left out, and why. `object` is the position in the file from 1, null when the whole file or picture is meant. */
export interface ImportSkip {
  readonly file: string;
  readonly object: number | null;
  readonly className: string | null;
  readonly reason: string;
}

export interface ImportReport {
  readonly imagesAdded: number;
  readonly imagesUnchanged: number;
  readonly objectsAdded: number;
  readonly classesAdded: readonly string[];
  readonly splits: Readonly<Record<Split | 'none', number>>;
  readonly skipped: readonly ImportSkip[];
  /** What was imported though not as written (a box cut at its picture's border, splits made by us), and why. */
  readonly notes: readonly ImportSkip[];
}

export interface DatasetSummary {
  readonly images: number;
  readonly objects: number;
  readonly labelledImages: number;
  readonly problems: number;
  readonly splits: Readonly<Record<Split | 'none', number>>;
  readonly classes: readonly { readonly classId: number; readonly objects: number; readonly images: number }[];
  /** Distinct picture sizes, most frequent first, at most ten. */
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly images: number }[];
  /** sqrt(box area / picture area) of all objects: 5 %, 50 %, 95 % quantiles; null without objects. */
  readonly objectScale: { readonly low: number; readonly median: number; readonly high: number } | null;
}

/** All objects of the project but crowds as columns, for the default-box analysis. Coordinates are Unit. */
export interface ObjectColumns {
  readonly imageId: readonly number[];
  readonly classId: readonly number[];
  readonly x1: readonly number[];
  readonly y1: readonly number[];
  readonly x2: readonly number[];
  readonly y2: readonly number[];
  /** Size in pixels of the picture that the object is in. */
  readonly imageWidth: readonly number[];
  readonly imageHeight: readonly number[];
  /** Position among all objects of its picture, crowds too, as `images.get` lists them. */
  readonly position: readonly number[];
}

export const imageChannels = {
  'import.start': channel(
    z.object({
      format: z.enum(['voc']),
      from: z.string().min(1).max(4096),
      /** Folder of the pictures when they do not lie under `from`. */
      images: z.string().min(1).max(4096).optional(),
      /** Puts every picture here, whatever the folder's own lists say. */
      split: split.optional(),
      /** Copy the pictures into the project folder; otherwise they stay where they are. */
      copy: z.boolean().default(false),
      operationId,
    }),
  ).returns<ImportReport>(),
  'images.list': channel(
    z.object({ filter: imageFilter, offset: z.number().int().min(0), limit: z.number().int().min(1).max(500) }),
  ).returns<{ readonly total: number; readonly images: readonly ProjectImage[] }>(),
  /** Ids of all pictures that pass the filter, in the order of images.list. */
  'images.ids': channel(z.object({ filter: imageFilter })).returns<readonly number[]>(),
  'images.get': channel(z.object({ id: imageId })).returns<ProjectImage>(),
  'images.setSplit': channel(z.object({ ids: z.array(imageId).max(100_000), split: split.nullable() })).returns<void>(),
  'images.summary': channel(z.void()).returns<DatasetSummary>(),
  /** Looks for missing files first, then for whatever is wrong or doubtful. */
  'images.check': channel(z.void()).returns<readonly HealthFinding[]>(),
  'images.objectColumns': channel(z.void()).returns<ObjectColumns>(),
  /** Commits the changes in one transaction before it answers. */
  'annotate.apply': channel(z.object({ imageId, changes: z.array(objectChange).min(1).max(10_000) })).returns<{
    readonly objects: number;
  }>(),
} as const;
