/**
 * Files of torch.save before PyTorch 1.6: five pickles (a magic number, the format's number, facts of the machine, the saved
 * object, the keys of its storages), then for each key the number of its elements (64 bits) and their bytes.
 */
import { ELEMENT_BYTES } from '@core/weights/weight-file';
import { type FileBytes, WeightFileFault } from './file-bytes';
import { type PickleHost, unpickle } from './pickle';
import { PickleCursor, PickleCutShort } from './pickle-cursor';
import { PickleDict, PickleList, type PickleValue } from './pickle-values';
import { PLAIN_HOST, StorageReference, TORCH_HOST } from './pytorch-pickle';
import { findTable } from './pytorch-table';
import { shown, type Storage, type TensorTable } from './stored-tensor';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const FIRST_PART = 1 << 20;
/** Of the five pickles together; those of real files have some hundred kilobytes. */
export const LARGEST_PICKLE = 32 << 20;

/** Whether a file that begins so begins with the magic number, in any protocol of pickle. */
export function looksLikeLegacy(head: Uint8Array): boolean {
  try {
    return unpickle(new PickleCursor(head), PLAIN_HOST) === MAGIC;
  } catch {
    return false;
  }
}

export async function readLegacy(file: FileBytes): Promise<TensorTable> {
  const contents = await readContents(file);
  const places = await placesOf(contents, file);
  const table = findTable(contents.root, ({ key }) => {
    const place = places.get(key);
    if (!place) throw new WeightFileFault(`the storage ${shown(key)} is missing`);
    return place;
  });
  return { format: 'pytorch-legacy', ...table };
}

interface Contents {
  readonly root: PickleValue;
  readonly storages: ReadonlyMap<string, StorageReference>;
  readonly keys: readonly string[];
  /** Where the storages begin. */
  readonly end: number;
}

/** How long the pickles are only they say, so more of the file is read until they end. */
async function readContents(file: FileBytes): Promise<Contents> {
  const limit = Math.min(LARGEST_PICKLE, file.size);
  for (let length = FIRST_PART; ; length *= 8) {
    try {
      return parse(await file.read(0, Math.min(length, limit), 'its table of contents'));
    } catch (error) {
      if (!(error instanceof PickleCutShort) || length >= limit) throw error;
    }
  }
}

function parse(bytes: Uint8Array): Contents {
  const cursor = new PickleCursor(bytes);
  unpickle(cursor, PLAIN_HOST); // The magic number, by which the file was recognised.
  if (unpickle(cursor, PLAIN_HOST) !== PROTOCOL) throw new WeightFileFault(`its format is not number ${PROTOCOL}`);
  const machine = unpickle(cursor, PLAIN_HOST);
  if (!(machine instanceof PickleDict) || machine.entries.get('little_endian') !== true) {
    throw new WeightFileFault('it was written on a big-endian machine', 'Save it again on an ordinary machine.');
  }
  const storages = new Map<string, StorageReference>();
  const root = unpickle(cursor, remembering(storages));
  const keys = unpickle(cursor, PLAIN_HOST);
  if (!(keys instanceof PickleList)) throw new WeightFileFault('it has no list of storages');
  return { root, storages, keys: keys.items.map(keyOf), end: cursor.at };
}

function keyOf(key: PickleValue): string {
  if (typeof key !== 'string') throw new WeightFileFault('it lists a storage without a name');
  return key;
}

/** The host of the saved object, which notes every storage that it names. */
function remembering(storages: Map<string, StorageReference>): PickleHost {
  return {
    ...TORCH_HOST,
    persistent(id) {
      const storage = TORCH_HOST.persistent(id) as StorageReference;
      const known = storages.get(storage.key);
      if (known && (known.dtype !== storage.dtype || known.elements !== storage.elements)) {
        throw new WeightFileFault(`the storage ${shown(storage.key)} is described in two ways`);
      }
      storages.set(storage.key, storage);
      return storage;
    },
  };
}

/** Walks over the storages, so that each is known to lie in the file. */
async function placesOf({ storages, keys, end }: Contents, file: FileBytes): Promise<Map<string, Storage>> {
  const places = new Map<string, Storage>();
  let at = end;
  for (const key of keys) {
    const storage = storages.get(key);
    const what = `the storage ${shown(key)}`;
    if (!storage || places.has(key)) throw new WeightFileFault(`${what} is listed, but not used once`);
    const count = await file.read(at, 8, what);
    const elements = Number(new DataView(count.buffer).getBigInt64(0, true));
    if (elements !== storage.elements) {
      throw new WeightFileFault(`${what} has ${elements} elements, where its table says ${storage.elements}`);
    }
    const start = at + 8;
    const bytes = elements * ELEMENT_BYTES[storage.dtype];
    if (start + bytes > file.size) throw new WeightFileFault(`it ends before the end of ${what}`);
    places.set(key, { bytes, read: (from, length) => file.read(start + from, length, what) });
    at = start + bytes;
  }
  return places;
}
