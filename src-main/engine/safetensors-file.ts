/**
 * The safetensors container (huggingface/safetensors): 8 bytes little-endian header length, the JSON header of
 * safetensors-header.ts, then the bytes of the tensors.
 */
import type { NamedTensor } from './executor-parameters';
import { headerLength, LENGTH_BYTES, parseHeader } from './safetensors-header';

export interface TensorFile {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor to write; I64 for counters that other programs expect to be integers. */
export interface WrittenTensor extends NamedTensor {
  readonly dtype?: 'F32' | 'I64';
}

/**
 * The parts of a file, in order, so that large data need not be copied together.
 * @throws RangeError naming the tensor when its values do not fill its shape, or a name comes twice
 */
export function encodeTensorFile(file: {
  readonly tensors: readonly WrittenTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}): Uint8Array[] {
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  header['__metadata__'] = file.metadata;
  const data = writtenParts(file.tensors);
  let at = 0;
  for (const [i, { name, shape, dtype = 'F32' }] of file.tensors.entries()) {
    if (name in header) throw new RangeError(`${name} cannot be written: the name is taken`);
    header[name] = { dtype, shape, data_offsets: [at, (at += data[i].length)] };
  }
  const text = JSON.stringify(header);
  // Padded with spaces, so that the data start on a multiple of 8.
  const json = new TextEncoder().encode(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return [length, json, ...data];
}

/**
 * The bytes of each tensor as its type has them; float32 is not copied.
 * @throws RangeError naming the tensor when its values do not fill its shape
 */
export function writtenParts(tensors: readonly WrittenTensor[]): Uint8Array[] {
  return tensors.map(({ name, shape, values, dtype }) => {
    if (elements(shape) !== values.length) {
      throw new RangeError(`${name}: ${values.length} values for shape [${shape.join(', ')}]`);
    }
    const typed = dtype === 'I64' ? BigInt64Array.from(values, (value) => BigInt(value)) : values;
    return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
  });
}

/** The bytes of the tensors, without copying them. */
export function dataParts(tensors: readonly NamedTensor[]): Uint8Array[] {
  return tensors.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** @throws Error that says what is wrong with the file */
export function decodeTensorFile(bytes: Uint8Array): TensorFile {
  const dataStart = LENGTH_BYTES + headerLength(bytes, bytes.length);
  const body = bytes.subarray(dataStart);
  const { tensors, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), body.length);
  return {
    metadata,
    tensors: tensors.map(({ name, shape, dtype, start, end }) => {
      if (dtype !== 'F32') throw new Error(`${name} has the type ${dtype}, not F32`);
      // Copied: the bytes may start at any offset, and the file's buffer should not outlive its reading.
      return { name, shape, values: new Float32Array(new Uint8Array(body.subarray(start, end)).buffer) };
    }),
  };
}

const elements = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
