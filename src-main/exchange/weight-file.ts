/**
 * Opens the weight files that others write, known by what they contain, not by their names. The table of tensors is read
 * at once, values when they are asked for. Nothing that a file holds is ever run.
 */
import type { FileTensor } from '@core/weights/weight-file';
import { FileBytes, throwAsFailure, WeightFileFault } from './file-bytes';
import { readValues, shown, type TensorTable } from './stored-tensor';
import { looksLikeLegacy, readLegacy } from './weight-file-pytorch-legacy';
import { looksLikeZip, readPyTorchZip } from './weight-file-pytorch-zip';
import { looksLikeSafetensors, readSafetensors } from './weight-file-safetensors';

export interface WeightFile {
  readonly format: TensorTable['format'];
  /** In the order of the file; every name once. */
  readonly tensors: readonly FileTensor[];
  /** What the file says of itself; for PyTorch `container` (where the table was found) and `ignored` (what lay beside). */
  readonly metadata: Readonly<Record<string, string>>;
  /** The values of one tensor in row-major order, as float32. Throws StudioFailure; RangeError for an unknown name. */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @throws StudioFailure naming the file and what is wrong with it; close what it returns */
export async function openWeightFile(path: string): Promise<WeightFile> {
  const file = await FileBytes.open(path).catch((error: unknown) => throwAsFailure(error, path));
  try {
    const { format, tensors, metadata } = await readTable(file);
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    return {
      format,
      tensors: tensors.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      metadata,
      read: async (name) => {
        const tensor = byName.get(name);
        if (!tensor) throw new RangeError(`${path} has no tensor ${shown(name)}`);
        return readValues(tensor).catch((error: unknown) => throwAsFailure(error, path));
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    return throwAsFailure(error, path);
  }
}

async function readTable(file: FileBytes): Promise<TensorTable> {
  const head = await file.read(0, Math.min(512, file.size), 'its beginning');
  if (looksLikeSafetensors(head)) return readSafetensors(file);
  if (looksLikeZip(head)) return readPyTorchZip(file);
  if (looksLikeLegacy(head)) return readLegacy(file);
  throw new WeightFileFault(otherFormat(head), SAVE_AGAIN);
}

const SAVE_AGAIN = 'Save the weights with torch.save(model.state_dict(), path), or as safetensors.';

/** What a file that is none of ours is, where that is easily seen. */
function otherFormat(head: Uint8Array): string {
  const text = Buffer.from(head).toString('latin1');
  if (text.slice(257, 262) === 'ustar') return 'it is a tar archive, which PyTorch wrote before version 0.1.10';
  if (text.startsWith('\x89HDF')) return 'it is an HDF5 file, as Keras writes';
  if (text.startsWith('\x80')) return 'it is a pickle that torch.save did not write';
  if (head.length === 0) return 'it is empty';
  return 'it is neither a PyTorch nor a safetensors file';
}
