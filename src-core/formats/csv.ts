/** Comma-separated values (RFC 4180): fields may be quoted, a doubled quote inside one is a quote. */
import { FormatError } from './format-error';

/** Rows of fields, the last empty line left out. Throws FormatError when a quote is not closed. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  for (field.lastIndex = start; field.lastIndex < text.length || row.length > 0;) {
    const place = field.lastIndex;
    const match = field.exec(text);
    if (match === null)
      throw new FormatError(`row ${rows.length + 1} is not comma-separated: ${text.slice(place, place + 60)}`);
    row.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
