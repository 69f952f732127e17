/**
 * Pascal VOC annotation files: one XML per picture.
 *
 * Coordinates are kept as the file has them, x1 = xmin, ..., y2 = ymax, which is Caffe SSD's reading (SPEC.md 3: it divides
 * the raw values by the width). The VOC devkit numbers pixels from 1 and counts the last one in; most labelling tools write
 * pixel edges. Keeping the numbers serves both: what is written back is what was read, and VOC's average precision, which
 * adds its +1 to widths itself (SPEC.md 11.1), comes out as the devkit's.
 */
import type { CornerBox, ImagePx } from '../geometry/box';
import { FormatError } from './format-error';
import { childNamed, childText, parseXml } from './xml';
import type { XmlElement } from './xml';

export interface VocObject {
  /** From 1, in the order of the file. */
  readonly position: number;
  readonly className: string;
  readonly box: CornerBox<ImagePx>;
  readonly difficult: boolean;
  readonly truncated: boolean;
}

export interface VocProblem {
  /** Position of the object from 1. */
  readonly object: number;
  readonly className: string | null;
  readonly reason: string;
}

export interface VocAnnotation {
  /** As written in the file, which need not be the picture's name. */
  readonly fileName: string | null;
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly objects: readonly VocObject[];
  readonly skipped: readonly VocProblem[];
}

/** Reads one file. Objects that cannot be used are in `skipped`. Throws FormatError when it is no VOC annotation at all. */
export function parseVoc(text: string): VocAnnotation {
  const root = parseXml(text);
  if (root.name !== 'annotation') {
    throw new FormatError(`it begins with <${root.name}>, not with <annotation>`);
  }
  const objects: VocObject[] = [];
  const skipped: VocProblem[] = [];
  root.children
    .filter((child) => child.name === 'object')
    .forEach((element, index) => {
      const read = readObject(element, index + 1);
      if ('reason' in read) skipped.push(read);
      else objects.push(read);
    });
  return { fileName: childText(root, 'filename') ?? null, size: readSize(root), objects, skipped };
}

export interface PlacedObjects {
  readonly objects: readonly VocObject[];
  readonly skipped: readonly VocProblem[];
  /** Boxes that were cut at the picture's border, and how they were written. */
  readonly clipped: readonly VocProblem[];
}

/** Fits the objects to the picture as it really is: boxes are cut at its border, those wholly outside are skipped. */
export function placeInPicture(
  objects: readonly VocObject[],
  picture: { readonly width: number; readonly height: number },
): PlacedObjects {
  const placed: VocObject[] = [];
  const skipped: VocProblem[] = [];
  const clipped: VocProblem[] = [];
  for (const object of objects) {
    const { x1, y1, x2, y2 } = object.box;
    const box = {
      x1: Math.max(0, x1),
      y1: Math.max(0, y1),
      x2: Math.min(picture.width, x2),
      y2: Math.min(picture.height, y2),
    };
    const place = `box ${numbers(object.box)}, picture ${picture.width}x${picture.height}`;
    if (box.x2 <= box.x1 || box.y2 <= box.y1) {
      skipped.push(problem(object.position, object.className, `the box lies outside the picture (${place})`));
      continue;
    }
    const isInside = box.x1 === x1 && box.y1 === y1 && box.x2 === x2 && box.y2 === y2;
    if (!isInside) {
      clipped.push(problem(object.position, object.className, `the box was cut at the picture's border (${place})`));
    }
    placed.push(isInside ? object : { ...object, box });
  }
  return { objects: placed, skipped, clipped };
}

/** Writes one file that `parseVoc` reads back to the same objects, numbers exact. */
export function writeVoc(annotation: {
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly Omit<VocObject, 'position'>[];
}): string {
  const objects = annotation.objects.map(
    ({ className, box, difficult, truncated }) => `	<object>
		<name>${escapeXml(className)}</name>
		<pose>Unspecified</pose>
		<truncated>${Number(truncated)}</truncated>
		<difficult>${Number(difficult)}</difficult>
		<bndbox>
			<xmin>${box.x1}</xmin>
			<ymin>${box.y1}</ymin>
			<xmax>${box.x2}</xmax>
			<ymax>${box.y2}</ymax>
		</bndbox>
	</object>
`,
  );
  return `<annotation>
	<filename>${escapeXml(annotation.fileName)}</filename>
	<size>
		<width>${annotation.width}</width>
		<height>${annotation.height}</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
${objects.join('')}</annotation>
`;
}

const MAX_CLASS_NAME = 100;

/** Only the object's own <bndbox>: VOC's <part> elements inside have names and boxes too and are not objects. */
function readObject(element: XmlElement, position: number): VocObject | VocProblem {
  const className = childText(element, 'name') ?? null;
  const skip = (reason: string): VocProblem => problem(position, className, reason);
  if (className === null) return skip('it has no <name>');
  if (className.length > MAX_CLASS_NAME) return skip(`its name is longer than ${MAX_CLASS_NAME} characters`);
  const bounds = childNamed(element, 'bndbox');
  if (bounds === undefined) return skip('it has no <bndbox>');

  const values: number[] = [];
  for (const side of ['xmin', 'ymin', 'xmax', 'ymax']) {
    const written = childText(bounds, side);
    if (written === undefined) return skip(`its box has no <${side}>`);
    const value = parseNumber(written);
    if (value === null) return skip(`its <${side}> is not a number: ${written.slice(0, 40)}`);
    values.push(value);
  }
  const [x1, y1, x2, y2] = values;
  const box = { x1, y1, x2, y2 };
  if (x2 < x1 || y2 < y1) return skip(`the box is inverted (${numbers(box)})`);
  if (x2 === x1 || y2 === y1) return skip(`the box has no area (${numbers(box)})`);
  return { position, className, box, difficult: flag(element, 'difficult'), truncated: flag(element, 'truncated') };
}

function readSize(root: XmlElement): VocAnnotation['size'] {
  const size = childNamed(root, 'size');
  if (size === undefined) return null;
  const width = parseNumber(childText(size, 'width') ?? '');
  const height = parseNumber(childText(size, 'height') ?? '');
  return width === null || height === null || width <= 0 || height <= 0 ? null : { width, height };
}

/** Absent, 0, or a word that is not "true": false. */
function flag(element: XmlElement, name: string): boolean {
  const text = childText(element, name) ?? '0';
  return text.toLowerCase() === 'true' || (parseNumber(text) ?? 0) !== 0;
}

/** Decimal numbers only: no hexadecimal, no "NaN", no comma. */
function parseNumber(text: string): number | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

const numbers = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>): string => `${x1}, ${y1}, ${x2}, ${y2}`;

const problem = (object: number, className: string | null, reason: string): VocProblem => ({
  object,
  className,
  reason,
});

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character]);
}
