/**
 * The safetensors container (huggingface/safetensors): 8 bytes little-endian header length, a JSON header that names each
 * tensor's dtype, shape and byte range, then the bytes. Read defensively: a header can say anything.
 */

import type { NamedTensor } from './executor-parameters';

export interface TensorFile {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const LARGEST_HEADER = 100_000_000;

/** The parts of a file, in order, so that large data need not be copied together. Only float32, names sorted as given. */
export function encodeTensorFile({ tensors, metadata }: TensorFile): Uint8Array[] {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  for (const { name, shape, values } of tensors) {
    if (elements(shape) !== values.length) {
      throw new RangeError(`${name}: ${values.length} values for shape [${shape.join(', ')}]`);
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [at, (at += values.byteLength)] };
  }
  const text = JSON.stringify(header);
  // Padded with spaces, so that the data start on a multiple of 8.
  const json = new TextEncoder().encode(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return [length, json, ...dataParts(tensors)];
}

/** The bytes of the tensors, without copying them. */
export function dataParts(tensors: readonly NamedTensor[]): Uint8Array[] {
  return tensors.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** @throws Error that says what is wrong with the file */
export function decodeTensorFile(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) throw new Error('the file is too short');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length < 2 || length > LARGEST_HEADER || 8 + length > bytes.length) throw new Error('the header is incomplete');
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const body = bytes.subarray(8 + length);
  const tensors: NamedTensor[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = entry as Record<string, string>;
    else tensors.push(tensorAt(name, entry, body));
  }
  return { tensors, metadata };
}

function parseHeader(text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new Error('the header is not JSON');
  }
  if (typeof header !== 'object' || header === null) throw new Error('the header is not an object');
  return header as Record<string, unknown>;
}

function tensorAt(name: string, entry: unknown, body: Uint8Array): NamedTensor {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  if (dtype !== 'F32') throw new Error(`${name} has the type ${String(dtype)}, not F32`);
  if (!isCounts(shape) || !isCounts(range) || range.length !== 2) throw new Error(`${name} is described wrongly`);
  const [start, end] = range;
  if (end > body.length || end - start !== elements(shape) * 4) throw new Error(`${name} lies outside the file`);
  // Copied: the bytes may start at any offset, and the file's buffer should not outlive its reading.
  return { name, shape, values: new Float32Array(new Uint8Array(body.subarray(start, end)).buffer) };
}

const elements = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((number) => Number.isSafeInteger(number) && number >= 0);
