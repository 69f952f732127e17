/**
 * What the command line says and where: results on standard output (one JSON document with --json, and nothing else),
 * progress and messages on standard error.
 */
import { StudioFailure } from '@core/contract/failure';

/** Wrong usage: exit status 2. */
export class UsageError extends Error {}

export interface Output {
  readonly json: boolean;
  /** The result of the command. Text is what people read, the value what --json prints. */
  result(value: unknown, text: string | (() => string)): void;
  message(text: string): void;
  /** One line, overwritten on a terminal; at most four lines a second otherwise once every 10 %. */
  progress(label: string, done: number, total: number): void;
}

export function createOutput(json: boolean): Output {
  const terminal = process.stderr.isTTY === true;
  let openLine = false;
  let lastTenth = -1;
  let lastLabel = '';
  const endLine = (): void => {
    if (openLine) process.stderr.write('\n');
    openLine = false;
  };
  return {
    json,
    result(value, text) {
      endLine();
      process.stdout.write(
        json ? `${JSON.stringify(value, null, 2)}\n` : `${typeof text === 'string' ? text : text()}\n`,
      );
    },
    message(text) {
      endLine();
      process.stderr.write(`${text}\n`);
    },
    progress(label, done, total) {
      const tenth = total > 0 ? Math.floor((10 * done) / total) : 0;
      if (terminal) {
        process.stderr.write(`\r\x1b[K${label} ${done}/${total}`);
        openLine = true;
      } else if (label !== lastLabel || tenth !== lastTenth) {
        process.stderr.write(`${label} ${done}/${total}\n`);
      }
      lastTenth = tenth;
      lastLabel = label;
    },
  };
}

/** Columns padded to their widest cell; numbers (and percentages) to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  const right = header.map(
    (_, c) => rows.length > 0 && rows.every((row) => /^[-–]?[\d.,]*\s?%?$/.test(String(row[c]))),
  );
  return cells
    .map((row) =>
      row
        .map((cell, c) => (right[c] ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function describeError(error: unknown): { readonly text: string; readonly status: 1 | 2 } {
  if (error instanceof UsageError) return { text: error.message, status: 2 };
  if (error instanceof StudioFailure)
    return { text: [error.message, error.advice].filter(Boolean).join(' '), status: 1 };
  return { text: error instanceof Error ? error.message : String(error), status: 1 };
}

/** The value of an option that takes one of a few words. Throws UsageError. */
export function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((k) => k === text);
  if (found === undefined) throw new UsageError(`${option} ${text}: known are ${known.join(', ')}`);
  return found;
}
