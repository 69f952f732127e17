/** Writes tensors as a safetensors file that any reader of the format opens. */
import { encodeTensorFile, type WrittenTensor } from '../engine/safetensors-file';
import { writeWhole } from './write-whole';

/**
 * Complete on disk or not at all; returns its size in bytes. The same tensors and metadata give the same bytes.
 * @throws StudioFailure 'disk-full', 'not-allowed'; RangeError when values do not fill a shape or a name comes twice
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly WrittenTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<number> {
  return writeWhole(path, encodeTensorFile({ tensors, metadata }));
}
