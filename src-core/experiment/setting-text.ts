/** Settings as words, to be held against each other. */

/** A setting whose numbers are written with so many significant digits at most. */
export type Written = (digits: number) => string;

const SHOWN_DIGITS = 3;
/** Numbers that are equal in so many digits do not differ: what is left is rounding. */
const COMPARED_DIGITS = 6;
const ABSENT = '–';

/** One setting of several configurations, null where one has no such setting; with more digits where few would hide a difference. */
export function sideBySide(settings: readonly (Written | null)[]): {
  readonly values: readonly string[];
  readonly differs: boolean;
} {
  const written = (digits: number) => settings.map((text) => text?.(digits) ?? ABSENT);
  const kinds = (digits: number) => new Set(written(digits)).size;
  const differs = kinds(COMPARED_DIGITS) > 1;
  return { values: written(kinds(SHOWN_DIGITS) < kinds(COMPARED_DIGITS) ? COMPARED_DIGITS : SHOWN_DIGITS), differs };
}

/** "checkpointEverySteps" → "Checkpoint every steps"; IoU keeps its letters. */
export function inWords(key: string): string {
  const words = key
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\biou\b/, 'IoU')
    .trim();
  return words.startsWith('IoU') ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

export function plain(value: unknown, digits: number): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number') return writeNumber(value, digits);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => plain(each, digits)).join(', ');
  return Object.entries(value)
    .map(([key, each]) => `${inWords(key).toLowerCase()} ${plain(each, digits)}`)
    .join(', ');
}

/** Whole numbers in full. */
const writeNumber = (value: number, digits: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
