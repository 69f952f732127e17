/**
 * Boxes as lines of text, one file per picture ("class [score]" and four numbers, as rafaelpadilla's tools have them) or per class
 * (VOC devkit's "picture score xmin ymin xmax ymax"), as an evaluation needs them.
 */
import type { Bounds } from './evaluation-tables';
import { FormatError } from './format-error';

/** What the four numbers of a line are: in pixels, or the centre and the size as fractions of the picture's. */
export type BoxLayout = 'xywh' | 'xyxy' | 'relative';

const FORMS: Readonly<Record<BoxLayout, string>> = {
  xywh: 'left top width height',
  xyxy: 'left top right bottom',
  relative: 'centre-x centre-y width height',
};

export interface LabelledBox {
  /** Class or picture, whatever the line begins with. */
  readonly name: string;
  readonly score: number;
  /** In the layout that was asked for. */
  readonly numbers: Bounds;
}

/** "class" and four numbers per line; the class may hold spaces. Throws FormatError that names the line. */
export function parseGroundTruthLines(text: string, layout: BoxLayout): LabelledBox[] {
  return parseLines(text, 4, `class ${FORMS[layout]}`).map(({ name, values: [a, b, c, d] }) => ({
    name,
    score: 1,
    numbers: [a, b, c, d],
  }));
}

/** "class score" and four numbers per line, or the score at the end. Throws FormatError that names the line. */
export function parseDetectionLines(
  text: string,
  layout: BoxLayout,
  scoreAt: 'front' | 'end' = 'front',
): LabelledBox[] {
  const form = scoreAt === 'front' ? `class score ${FORMS[layout]}` : `class ${FORMS[layout]} score`;
  return parseLines(text, 5, form).map(({ name, values }) => {
    const [score, a, b, c, d] = scoreAt === 'front' ? values : [values[4], ...values];
    return { name, score, numbers: [a, b, c, d] };
  });
}

/** "picture score xmin ymin xmax ymax" per line. Throws FormatError that names the line. */
export function parseDevkitLines(text: string): LabelledBox[] {
  return parseLines(text, 5, 'picture score xmin ymin xmax ymax').map(({ name, values: [score, x1, y1, x2, y2] }) => ({
    name,
    score,
    numbers: [x1, y1, x2, y2],
  }));
}

/** The class of a devkit's results file such as comp4_det_test_person.txt, or null. */
export function devkitClass(fileName: string): string | null {
  return /^comp\d+_(?:.+_)?det_[^_]+_(.+)\.txt$/.exec(fileName)?.[1] ?? null;
}

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
