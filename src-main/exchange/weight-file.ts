/**
 * Opens the weight files that others write, known by what they contain, not by their names. The table of tensors is read
 * at once, values when they are asked for. Nothing that a file holds is ever run.
 */
import type { FileTensor } from '@core/weights/weight-file';
import { FileBytes, throwAsFailure, WeightFileFault } from './file-bytes';
import { readValues, shown, type TensorTable } from './stored-tensor';
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
  throw new WeightFileFault(
    'it is neither a PyTorch nor a safetensors file',
    'Save the weights with torch.save(model.state_dict(), path) or as safetensors.',
  );
}
