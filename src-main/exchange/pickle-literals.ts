/**
 * The opcodes of Python's pickle protocols 0 to 5 that stand for one plain value. Meaning of each: the pickletools module of
 * Python's standard library.
 */
import type { PickleCursor } from './pickle-cursor';
import type { PickleValue } from './pickle-values';

type Literal = (cursor: PickleCursor) => PickleValue;

/** Longer integers than any that a weight file needs; parsing them takes more than linear time. */
const LONGEST_INTEGER = 1000;

export const LITERALS: Readonly<Record<number, Literal>> = {
  [code('N')]: () => null,
  [0x88]: () => true,
  [0x89]: () => false,
  [code('I')]: decimal,
  [code('J')]: (cursor) => cursor.int32(),
  [code('K')]: (cursor) => cursor.byte(),
  [code('M')]: (cursor) => cursor.uint16(),
  [code('L')]: decimal,
  [0x8a]: (cursor) => integer(cursor, cursor.byte()),
  [0x8b]: (cursor) => integer(cursor, cursor.uint32()),
  [code('F')]: float,
  [code('G')]: (cursor) => cursor.float64(),
  [code('S')]: quoted,
  [code('T')]: (cursor) => oldText(cursor.take(cursor.uint32())),
  [code('U')]: (cursor) => oldText(cursor.take(cursor.byte())),
  [code('V')]: (cursor) => unescape(cursor.line(), /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g),
  [code('X')]: (cursor) => text(cursor, cursor.uint32()),
  [0x8c]: (cursor) => text(cursor, cursor.byte()),
  [0x8d]: (cursor) => text(cursor, cursor.uint64()),
  [code('B')]: (cursor) => cursor.take(cursor.uint32()),
  [code('C')]: (cursor) => cursor.take(cursor.byte()),
  [0x8e]: (cursor) => cursor.take(cursor.uint64()),
  [0x96]: (cursor) => cursor.take(cursor.uint64()),
};

export function code(character: string): number {
  return character.charCodeAt(0);
}

function decimal(cursor: PickleCursor): PickleValue {
  const line = cursor.line();
  if (line === '00' || line === '01') return line === '01';
  const digits = /^([+-]?\d+)L?$/.exec(line)?.[1];
  if (digits === undefined || digits.length > LONGEST_INTEGER) cursor.fail('an integer is written wrongly');
  return plain(BigInt(digits.replace('+', '')));
}

/** Two's complement, lowest byte first. */
function integer(cursor: PickleCursor, length: number): PickleValue {
  if (length > LONGEST_INTEGER) cursor.fail(`an integer has ${length} bytes`);
  if (length === 0) return 0;
  const hexadecimal = Buffer.from(cursor.take(length)).reverse().toString('hex');
  return plain(BigInt.asIntN(8 * length, BigInt(`0x${hexadecimal}`)));
}

const plain = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

function float(cursor: PickleCursor): number {
  const line = cursor.line().trim();
  const special = /^([+-]?)(inf|nan)$/.exec(line);
  if (special) return special[2] === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const value = Number(line);
  if (line === '' || Number.isNaN(value)) cursor.fail('a number is written wrongly');
  return value;
}

function text(cursor: PickleCursor, length: number): string {
  const bytes = cursor.take(length);
  return decoded(bytes) ?? cursor.fail('a text is not UTF-8');
}

/** Python 2 does not say whether its strings are text; names are, and what is not UTF-8 is kept byte by byte. */
function oldText(bytes: Uint8Array): string {
  return decoded(bytes) ?? Buffer.from(bytes).toString('latin1');
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function quoted(cursor: PickleCursor): string {
  const inner = /^(['"])(.*)\1$/s.exec(cursor.line())?.[2];
  if (inner === undefined) cursor.fail('a text has no quotes');
  return unescape(inner, /\\x([0-9a-fA-F]{2})|\\(.)/gs);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescape(line: string, pattern: RegExp): string {
  return line.replace(pattern, (match, digits: string | undefined, other: string | undefined) => {
    if (match.startsWith('\\U') && other !== undefined)
      return String.fromCodePoint(Math.min(parseInt(other, 16), 0x10ffff));
    if (digits !== undefined) return String.fromCharCode(parseInt(digits, 16));
    return ESCAPES[other!] ?? other!;
  });
}
