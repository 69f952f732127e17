/** The table of a safetensors file; its values stay in the file. */
import { headerLength, LENGTH_BYTES, parseHeader } from '../engine/safetensors-header';
import { type FileBytes, WeightFileFault } from './file-bytes';
import { checkTensor, contiguousStrides, shown, type StoredTensor, type TensorTable } from './stored-tensor';

/** The header, JSON, begins with a brace; its length, in the 8 bytes before, is never that large. */
export const looksLikeSafetensors = (head: Uint8Array): boolean =>
  head.length > LENGTH_BYTES && head[LENGTH_BYTES] === 0x7b && head[7] === 0 && head[6] === 0;

export async function readSafetensors(file: FileBytes): Promise<TensorTable> {
  const { tensors, metadata, dataStart } = await readHeader(file);
  return {
    format: 'safetensors',
    metadata,
    tensors: tensors.map(({ name, shape, dtype, start, end }) => {
      const storage = {
        bytes: end - start,
        read: (from: number, length: number) => file.read(dataStart + start + from, length, shown(name)),
      };
      const tensor: StoredTensor = { name, shape, dtype, storage, offset: 0, strides: contiguousStrides(shape) };
      checkTensor(tensor);
      return tensor;
    }),
  };
}

async function readHeader(file: FileBytes) {
  const first = await file.read(0, Math.min(LENGTH_BYTES, file.size), 'the header');
  try {
    const length = headerLength(first, file.size);
    const dataStart = LENGTH_BYTES + length;
    const bytes = await file.read(LENGTH_BYTES, length, 'the header');
    return { ...parseHeader(bytes, file.size - dataStart), dataStart };
  } catch (error) {
    throw new WeightFileFault((error as Error).message);
  }
}
