/**
 * The header of a safetensors file (huggingface/safetensors): JSON that names each tensor's type, shape and byte range.
 * Read by the format's rules: names once, ranges that fill the data without gap or overlap. A header can say anything.
 */
import { ELEMENT_BYTES, type FileTensor, isElementType } from '@core/weights/weight-file';

export interface HeaderTensor extends FileTensor {
  /** Bytes from the start of the data, which follow the header. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly tensors: readonly HeaderTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of the number that comes first: the header's length, little-endian. */
export const LENGTH_BYTES = 8;
/** Real headers have some hundred kilobytes; the format allows 100 MB, which would take gigabytes to hold. */
const LARGEST_HEADER = 25_000_000;
const MOST_TENSORS = 100_000;
const MOST_DIMENSIONS = 64;

/**
 * The header's length from the first 8 bytes of a file of `fileBytes`.
 * @throws Error that says what is wrong
 */
export function headerLength(first: Uint8Array, fileBytes: number): number {
  if (first.length < LENGTH_BYTES) throw new Error('the file is too short');
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  if (length < 2 || LENGTH_BYTES + length > fileBytes) throw new Error('the header is incomplete');
  if (length > LARGEST_HEADER) throw new Error(`the header has ${length} bytes, more than ${LARGEST_HEADER}`);
  return length;
}

/**
 * @param dataBytes bytes of the file after the header
 * @throws Error that says what is wrong
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number): SafetensorsHeader {
  const text = decodeText(bytes);
  checkKeys(text);
  const { __metadata__: metadata = {}, ...entries } = parseTable(text);
  if (!isMetadata(metadata)) throw new Error('the metadata are not a table of texts');
  const tensors = Object.entries(entries).map(([name, entry]) => tensorOf(name, entry));
  checkRanges(tensors, dataBytes);
  return { tensors, metadata };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the header is not text in UTF-8');
  }
}

/** JSON.parse keeps the last of two equal keys and takes any depth, so both are looked at before, in one pass. */
function checkKeys(text: string): void {
  const names = new Set<unknown>();
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      if (++depth > 3) throw new Error('the header is nested too deeply');
    } else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && isKey(text, end)) {
        const name = parseJson(text.slice(at, end));
        if (names.has(name)) throw new Error(`the header names ${String(name).slice(0, 200)} twice`);
        if (names.add(name).size > MOST_TENSORS) throw new Error(`the header names more than ${MOST_TENSORS} tensors`);
      }
      at = end - 1;
    }
  }
}

/** The index after the closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new Error('the header is not JSON');
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (' \t\n\r'.includes(text[at] ?? '.')) at++;
  return text[at] === ':';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the header is not JSON');
  }
}

function parseTable(text: string): Record<string, unknown> {
  const header = parseJson(text);
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error('the header is not an object');
  }
  return header as Record<string, unknown>;
}

function tensorOf(name: string, entry: unknown): HeaderTensor {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  const shown = name.slice(0, 200);
  if (!isCounts(shape) || shape.length > MOST_DIMENSIONS || !isCounts(range) || range.length !== 2) {
    throw new Error(`${shown} is described wrongly`);
  }
  if (!isElementType(dtype)) throw new Error(`${shown} has the type ${String(dtype).slice(0, 40)}, which is not read`);
  const [start, end] = range;
  const bytes = shape.reduce((product, side) => product * side, ELEMENT_BYTES[dtype] as number);
  if (end - start !== bytes) throw new Error(`${shown} has ${end - start} bytes for ${bytes}`);
  return { name, shape, dtype, start, end };
}

function checkRanges(tensors: readonly HeaderTensor[], dataBytes: number): void {
  let at = 0;
  for (const { name, start, end } of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const shown = name.slice(0, 200);
    if (end > dataBytes) throw new Error(`${shown} lies outside the file`);
    if (start < at) throw new Error(`${shown} overlaps another tensor`);
    if (start > at) throw new Error(`there are ${start - at} bytes of no tensor before ${shown}`);
    at = end;
  }
  if (at < dataBytes) throw new Error(`there are ${dataBytes - at} bytes after the last tensor`);
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((number) => Number.isSafeInteger(number) && number >= 0);

const isMetadata = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
