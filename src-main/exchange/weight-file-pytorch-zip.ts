/**
 * Files of torch.save since PyTorch 1.6: a zip archive with `<prefix>/data.pkl`, the pickle of the saved object, and one
 * entry `<prefix>/data/<key>` per storage.
 */
import { ELEMENT_BYTES } from '@core/weights/weight-file';
import { type FileBytes, WeightFileFault } from './file-bytes';
import { unpickle } from './pickle';
import { PickleCursor } from './pickle-cursor';
import { type StorageReference, TORCH_HOST } from './pytorch-pickle';
import { findTable } from './pytorch-table';
import { shown, type Storage, type TensorTable } from './stored-tensor';
import { LARGEST_PICKLE } from './weight-file-pytorch-legacy';
import { ZipArchive } from './zip-archive';

const PICKLE = /^([^/]*\/)data\.pkl$/;

export const looksLikeZip = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PK\x03\x04';

export async function readPyTorchZip(file: FileBytes): Promise<TensorTable> {
  const archive = await ZipArchive.open(file);
  const prefix = prefixOf([...archive.entries.keys()]);
  await checkByteOrder(archive, prefix);
  const pickle = await archive.read(archive.entries.get(`${prefix}data.pkl`)!, LARGEST_PICKLE);
  const root = unpickle(new PickleCursor(pickle), TORCH_HOST);
  const storages = new Map<string, Storage>();
  const open = (reference: StorageReference): Storage => {
    const storage = storages.get(reference.key) ?? storageOf(archive, prefix, reference.key);
    storages.set(reference.key, storage);
    const bytes = reference.elements * ELEMENT_BYTES[reference.dtype];
    if (storage.bytes !== bytes) {
      throw new WeightFileFault(`${shown(reference.key)} has ${storage.bytes} bytes, where its table says ${bytes}`);
    }
    return storage;
  };
  return { format: 'pytorch-zip', ...findTable(root, open) };
}

function prefixOf(names: readonly string[]): string {
  const prefixes = names.flatMap((name) => PICKLE.exec(name)?.[1] ?? []);
  if (prefixes.length !== 1) {
    throw new WeightFileFault(
      `it is a zip archive with ${prefixes.length} entries data.pkl; a PyTorch file has one`,
      'Choose the file that torch.save wrote.',
    );
  }
  const [prefix] = prefixes;
  if (names.some((name) => name === `${prefix}constants.pkl` || name.startsWith(`${prefix}code/`))) {
    throw new WeightFileFault(
      'it is a TorchScript program, not a table of weights',
      'In Python: torch.save(torch.jit.load(path).state_dict(), other_path).',
    );
  }
  return prefix;
}

async function checkByteOrder(archive: ZipArchive, prefix: string): Promise<void> {
  const entry = archive.entries.get(`${prefix}byteorder`);
  if (!entry) return; // Not written before PyTorch 2.1.
  const order = Buffer.from(await archive.read(entry, 100)).toString('latin1');
  if (order === 'little') return;
  throw new WeightFileFault(`its byte order is ${shown(order)}, not little`, 'Save it again on an ordinary machine.');
}

function storageOf(archive: ZipArchive, prefix: string, key: string): Storage {
  const entry = archive.entries.get(`${prefix}data/${key}`);
  if (!entry) throw new WeightFileFault(`the storage ${shown(key)} is missing`);
  return archive.storage(entry);
}
