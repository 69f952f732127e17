/** Ground truth on its way from annotation formats that name pictures and classes instead of numbering them. */
import { GroundTruthBuilder } from './evaluation-tables';
import type { Bounds, GroundTruthFile, PictureSize } from './evaluation-tables';
import type { BoxLayout } from './evaluation-text';
import { FormatError } from './format-error';

export interface AnnotatedObject {
  readonly className: string;
  readonly bounds: Bounds;
  readonly difficult?: boolean;
  /** A region of many objects. */
  readonly crowd?: boolean;
}

/** The objects of one picture. Several of one name are one picture. */
export interface AnnotatedPicture {
  /** Of the picture's file, without folders and extension. */
  readonly name: string;
  readonly size: PictureSize | null;
  readonly objects: readonly AnnotatedObject[];
}

export interface AnnotatedPictures {
  readonly pictures: readonly AnnotatedPicture[];
  /** What was left out, as sentences. */
  readonly notes: readonly string[];
}

/** Pictures and classes in order of their names. A picture named by a whole number is known under the number too, as in results files. */
export function groundTruthOf(parts: readonly AnnotatedPictures[]): GroundTruthFile {
  const pictures = parts.flatMap((part) => part.pictures);
  const names = [...new Set(pictures.map(({ name }) => name))].sort();
  const imageOf = new Map<number | string, number>(names.map((name, i) => [name, i]));
  names.forEach((name, i) => {
    if (/^\d{1,15}$/.test(name)) imageOf.set(Number(name), i);
  });
  const classNames = [...new Set(pictures.flatMap(({ objects }) => objects.map((object) => object.className)))].sort();
  const categoryOf = new Map<number | string, number>(classNames.map((name, i) => [name, i]));
  const builder = new GroundTruthBuilder();
  const sizes: (PictureSize | null)[] = names.map(() => null);
  for (const { name, size, objects } of pictures) {
    const image = imageOf.get(name) ?? 0;
    sizes[image] ??= size;
    for (const { className, bounds, difficult = false, crowd = false } of objects) {
      builder.add({ image, category: categoryOf.get(className) ?? 0, bounds, difficult, crowd });
    }
  }
  return {
    imageCount: names.length,
    classNames,
    groundTruths: builder.table(),
    imageOf,
    categoryOf,
    sizes,
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/** Left, top, width, height in pixels. Throws FormatError where fractions come without a size of the picture. */
export function toBounds([a, b, c, d]: Bounds, layout: BoxLayout, size: PictureSize | null): Bounds {
  if (layout === 'xywh') return [a, b, c, d];
  if (layout === 'xyxy') return fromCorners(a, b, c, d);
  if (size === null) throw new FormatError('its boxes are fractions of a picture whose size is not known');
  return [(a - c / 2) * size.width, (b - d / 2) * size.height, c * size.width, d * size.height];
}

export const fromCorners = (x1: number, y1: number, x2: number, y2: number): Bounds => [x1, y1, x2 - x1, y2 - y1];
