/** JSON files of lists: read entry by entry, wrong ones refused with their place. */
import type { z } from 'zod';
import { FormatError } from './format-error';

/** Throws FormatError when the text is not JSON, or not of the schema. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T {
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

/**
 * One after the other, so that the copies that zod makes of a long list need not be kept. Throws FormatError that names the entry.
 * @param visit `refuse` makes the error of what it finds wrong itself
 */
export function forEachEntry<T>(
  list: string,
  entries: readonly unknown[],
  schema: z.ZodType<T>,
  visit: (entry: T, index: number, refuse: (reason: string) => FormatError) => void,
): void {
  entries.forEach((entry, index) => {
    const parsed = schema.safeParse(entry);
    const refuse = (reason: string): FormatError => {
      const id = identifierOf(entry);
      return new FormatError(`${list}[${index}]${id === null ? '' : ` (id ${id})`}, ${reason}`);
    };
    if (!parsed.success) throw refuse(describe(parsed.error));
    visit(parsed.data, index, refuse);
  });
}

export function readEntries<T>(list: string, entries: readonly unknown[], schema: z.ZodType<T>): T[] {
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
