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
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return [length, json, ...dataParts(tensors)];
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
