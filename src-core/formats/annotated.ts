/** Annotations of single pictures or of a whole set, read for an evaluation: VOC XML, CVAT XML, LabelMe JSON, Open Images CSV. */
import { z } from 'zod';
import { parseCsv } from './csv';
import { stem, type PictureSize } from './evaluation-tables';
import { FormatError } from './format-error';
import { forEachEntry, parseJson } from './json-entries';
import { fromCorners, type AnnotatedObject, type AnnotatedPicture, type AnnotatedPictures } from './picture-boxes';
import type { VocAnnotation } from './voc';
import { parseXml, type XmlElement } from './xml';

/** One VOC file, also as ImageNet has them. */
export function fromVoc(name: string, { size, objects, skipped }: VocAnnotation): AnnotatedPictures {
  return {
    pictures: [
      {
        name,
        size,
        objects: objects.map(({ className, box, difficult }) => ({
          className,
          difficult,
          bounds: fromCorners(box.x1, box.y1, box.x2, box.y2),
        })),
      },
    ],
    notes: skipped.map(({ object, reason }) => `${name}, object ${object} was left out: ${reason}.`),
  };
}

/** CVAT for images 1.1: one file for all pictures. Throws FormatError that names the picture. */
export function readCvat(text: string): AnnotatedPictures {
  const root = parseXml(text);
  if (root.name !== 'annotations') throw new FormatError(`it begins with <${root.name}>, not with <annotations>`);
  const pictures: AnnotatedPicture[] = [];
  const left = new Map<string, number>();
  for (const element of root.children) {
    if (element.name === 'track') throw new FormatError('it holds tracks of a video; export it as "CVAT for images"');
    if (element.name !== 'image') continue;
    const file = element.attributes.name;
    if (file === undefined) throw new FormatError('an <image> has no name');
    const boxes = element.children.filter(({ name }) => name === 'box');
    for (const { name } of element.children) if (SHAPES.has(name)) left.set(name, (left.get(name) ?? 0) + 1);
    pictures.push({
      name: stem(file),
      size: sizeOf(attribute(element, 'width', file), attribute(element, 'height', file)),
      objects: boxes.map((box): AnnotatedObject => {
        const className = box.attributes.label;
        if (className === undefined) throw new FormatError(`${file}: a <box> has no label`);
        const [x1, y1, x2, y2] = ['xtl', 'ytl', 'xbr', 'ybr'].map((side) => attribute(box, side, file));
        return { className, bounds: fromCorners(x1, y1, x2, y2) };
      }),
    });
  }
  return { pictures, notes: [...left].map(([name, count]) => `${count} shapes <${name}> were left out: no boxes.`) };
}

const SHAPES = new Set(['polygon', 'polyline', 'points', 'cuboid', 'ellipse', 'mask', 'skeleton']);

function attribute({ name, attributes }: XmlElement, key: string, file: string): number {
  const value = Number(attributes[key] ?? NaN);
  if (!Number.isFinite(value)) throw new FormatError(`${file}: the ${key} of a <${name}> is not a number`);
  return value;
}

const coordinate = z.number().min(-1e9).max(1e9);
const labelme = z.object({
  imageWidth: z.number().nullish(),
  imageHeight: z.number().nullish(),
  shapes: z.array(z.unknown()),
});
const shape = z.object({
  label: z.string().min(1),
  points: z.array(z.tuple([coordinate, coordinate])),
  shape_type: z.string().default('polygon'),
});

/** LabelMe: rectangles by two corners, polygons by the box around them. Throws FormatError that names the shape. */
export function readLabelMe(name: string, text: string): AnnotatedPictures {
  const { imageWidth, imageHeight, shapes } = parseJson(labelme, text);
  const objects: AnnotatedObject[] = [];
  const notes: string[] = [];
  forEachEntry('shapes', shapes, shape, ({ label, points, shape_type: kind }, index) => {
    if ((kind !== 'rectangle' && kind !== 'polygon') || points.length < 2) {
      notes.push(`${name}, shape ${index + 1} was left out: it is no rectangle and no polygon.`);
      return;
    }
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
    const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
    objects.push({ className: label, bounds: fromCorners(least(xs), least(ys), most(xs), most(ys)) });
  });
  return { pictures: [{ name, size: sizeOf(imageWidth ?? 0, imageHeight ?? 0), objects }], notes };
}

const OPEN_IMAGES = ['ImageID', 'LabelName', 'XMin', 'XMax', 'YMin', 'YMax'] as const;

/**
 * Open Images' boxes: fractions of the picture, a row per object; IsGroupOf marks a region of many. Spreadsheets' decimal commas
 * are read too. Throws FormatError that names the line.
 * @param sizes by the picture's name
 */
export function readOpenImages(text: string, sizes: ReadonlyMap<string, PictureSize>): AnnotatedPictures {
  const [header, ...rows] = parseCsv(text);
  const columnOf = new Map((header ?? []).map((column, i) => [column.trim(), i]));
  const missing = OPEN_IMAGES.filter((column) => !columnOf.has(column));
  if (missing.length > 0) throw new FormatError(`its first line has no ${missing.join(', ')}`);
  const cell = (row: readonly string[], column: string): string => row[columnOf.get(column) ?? -1]?.trim() ?? '';
  const pictures = rows.flatMap((row, index): AnnotatedPicture[] => {
    if (row.length === 1 && row[0].trim() === '') return [];
    const id = cell(row, 'ImageID');
    const name = /\.(jpe?g|png|bmp|webp)$/i.test(id) ? stem(id) : id;
    const [x1, x2, y1, y2] = ['XMin', 'XMax', 'YMin', 'YMax'].map((column) => {
      const written = cell(row, column).replace(',', '.');
      return written === '' ? NaN : Number(written);
    });
    if (name === '' || cell(row, 'LabelName') === '' || ![x1, x2, y1, y2].every(Number.isFinite)) {
      throw new FormatError(`row ${index + 2} has no picture, label or box: ${row.join(',').slice(0, 100)}`);
    }
    const size = sizes.get(name);
    if (size === undefined) throw new FormatError(`row ${index + 2}: the size of the picture ${name} is not known`);
    const { width, height } = size;
    const bounds = fromCorners(x1 * width, y1 * height, x2 * width, y2 * height);
    return [
      { name, size, objects: [{ className: cell(row, 'LabelName'), bounds, crowd: cell(row, 'IsGroupOf') === '1' }] },
    ];
  });
  return { pictures, notes: [] };
}

const sizeOf = (width: number, height: number): PictureSize | null =>
  width > 0 && height > 0 ? { width, height } : null;
