/**
 * What the detector finds on a few fixed validation pictures at each validation: runs/<id>/previews.jsonl. Its first line names
 * the pictures and their objects, each further line is one validation. No pixels: pictures come by their id.
 */
import { z } from 'zod';
import type { Detection } from '../evaluation/report';
import type { GroundTruth } from '../evaluation/pictures';
import type { CornerBox, ImagePx } from '../geometry/box';

/** One of the fixed pictures as the run knows it: its size and objects are those of the run's snapshot. */
export interface PreviewPicture {
  readonly imageId: number;
  readonly width: number;
  readonly height: number;
  readonly groundTruths: readonly GroundTruth[];
}

export interface PreviewRecord {
  readonly step: number;
  /** Of each picture in the order of the pictures, best first. */
  readonly detections: readonly (readonly Detection[])[];
}

export interface RunPreviews {
  readonly pictures: readonly PreviewPicture[];
  readonly records: readonly PreviewRecord[];
}

export const PREVIEW_PICTURES = 8;
/** What scores less is not kept. */
export const PREVIEW_SCORE = 0.05;
const DETECTIONS_KEPT = 60;

/**
 * Up to `count` pictures spread over the classes: each next one shows the class that fewest of those chosen have, and comes
 * from a later part of the list, because neighbours in a list are often alike. Pictures without objects fill what is left.
 * The same list gives the same pictures, in the order of the list.
 */
export function choosePreviewPictures<P extends Pick<PreviewPicture, 'groundTruths'>>(
  pictures: readonly P[],
  count = PREVIEW_PICTURES,
): readonly P[] {
  const classesOf = pictures.map(({ groundTruths }) => new Set(groundTruths.map(({ classIndex }) => classIndex)));
  const left = new Set(pictures.keys());
  const shown = new Map<number, number>();
  const chosen: number[] = [];
  while (chosen.length < count && left.size > 0) {
    const rarest = rarestClass(left, classesOf, shown);
    const candidates = [...left].filter((at) => rarest === null || classesOf[at].has(rarest));
    const next = candidates[Math.floor((candidates.length * (chosen.length + 0.5)) / count)];
    left.delete(next);
    chosen.push(next);
    for (const classIndex of classesOf[next]) shown.set(classIndex, (shown.get(classIndex) ?? 0) + 1);
  }
  return chosen.sort((a, b) => a - b).map((at) => pictures[at]);
}

/** The class with the fewest chosen pictures among those that pictures left have; the first of equals; null without any. */
function rarestClass(
  left: ReadonlySet<number>,
  classesOf: readonly ReadonlySet<number>[],
  shown: ReadonlyMap<number, number>,
): number | null {
  const classes = [...new Set([...left].flatMap((at) => [...classesOf[at]]))].sort((a, b) => a - b);
  if (classes.length === 0) return null;
  const seen = (classIndex: number) => shown.get(classIndex) ?? 0;
  return classes.reduce((rarest, next) => (seen(next) < seen(rarest) ? next : rarest));
}

const coordinate = z.number();
const objectRow = z.tuple([z.number().int().min(0), coordinate, coordinate, coordinate, coordinate, z.literal([0, 1])]);
const detectionRow = z.tuple([
  z.number().int().min(0),
  z.number().min(0).max(1),
  coordinate,
  coordinate,
  coordinate,
  coordinate,
]);

const previewLine = z.union([
  z.object({
    pictures: z
      .array(
        z.object({
          imageId: z.number().int(),
          width: z.number().positive(),
          height: z.number().positive(),
          objects: z.array(objectRow),
        }),
      )
      .max(64),
  }),
  z.object({ step: z.number().int().min(0), detections: z.array(z.array(detectionRow).max(1000)).max(64) }),
]);

/** The first line of the file. */
export const writePreviewPictures = (pictures: readonly PreviewPicture[]): string =>
  JSON.stringify({
    pictures: pictures.map(({ imageId, width, height, groundTruths }) => ({
      imageId,
      width,
      height,
      objects: groundTruths.map(({ classIndex, box, difficult }) => [classIndex, ...corners(box), difficult ? 1 : 0]),
    })),
  });

/** A further line: the best detections of each picture, to a tenth of a pixel. */
export const writePreviewRecord = ({ step, detections }: PreviewRecord): string =>
  JSON.stringify({
    step,
    detections: detections.map((each) =>
      each
        .filter(({ score }) => score >= PREVIEW_SCORE)
        .sort((a, b) => b.score - a.score)
        .slice(0, DETECTIONS_KEPT)
        .map(({ classIndex, score, box }) => [classIndex, round(score, 1e4), ...corners(box)]),
    ),
  });

/** A line as it is read back; null for what is no line of ours (one that a crash cut short). */
export function readPreviewLine(line: string): readonly PreviewPicture[] | PreviewRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = previewLine.safeParse(value);
  if (!parsed.success) return null;
  const { data } = parsed;
  if ('pictures' in data) {
    return data.pictures.map(({ objects, ...picture }) => ({
      ...picture,
      groundTruths: objects.map(([classIndex, x1, y1, x2, y2, difficult]) => ({
        classIndex,
        box: { x1, y1, x2, y2 },
        difficult: difficult === 1,
      })),
    }));
  }
  return {
    step: data.step,
    detections: data.detections.map((rows) =>
      rows.map(([classIndex, score, x1, y1, x2, y2]) => ({ classIndex, score, box: { x1, y1, x2, y2 } })),
    ),
  };
}

const round = (value: number, parts: number): number => Math.round(value * parts) / parts;
const corners = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>) => [x1, y1, x2, y2].map((value) => round(value, 10));
