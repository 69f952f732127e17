/**
 * Where the weights lie in what torch.save wrote: at the top, or in one of the dictionaries of a checkpoint, beside epoch and
 * optimiser. The dictionary that itself holds the most tensors is taken, the first of equals.
 */
import type { ElementType } from '@core/weights/weight-file';
import { WeightFileFault } from './file-bytes';
import { PickleDict, type PickleValue } from './pickle-values';
import { type StorageReference, TensorReference, titleOf } from './pytorch-pickle';
import { checkTensor, shown, type Storage, type StoredTensor } from './stored-tensor';

interface TorchTable {
  readonly tensors: readonly StoredTensor[];
  /** `container`: the keys that lead to the table, where it is not the top; `ignored`: what else the file holds. */
  readonly metadata: Readonly<Record<string, string>>;
}

const DEEPEST = 8;
const LONGEST_NAME = 500;
const MOST_TENSORS = 100_000;
const SHOWN_IGNORED = 12;

/** @param open finds the bytes of a storage */
export function findTable(root: PickleValue, open: (storage: StorageReference) => Storage): TorchTable {
  if (!(root instanceof PickleDict)) throw noTable(`it holds ${titleOf(root)}, not a table of tensors`);
  const container = fullest(root);
  const flat = new Map<string, TensorReference>();
  const ignored = collect(container.dict, [], flat, new Set());
  const beside = besides(root, container.path);
  const metadata: Record<string, string> = {};
  if (container.path.length > 0) metadata['container'] = container.path.join('.');
  if (ignored.length + beside.length > 0) metadata['ignored'] = summary([...beside, ...ignored]);
  const tensors = [...flat].map(([name, reference]) => stored(name, reference, open(reference.storage)));
  return { tensors, metadata };
}

interface Container {
  readonly dict: PickleDict;
  readonly path: readonly string[];
}

/** Level by level, each dictionary once: a pickle may hold itself. */
function fullest(root: PickleDict): Container {
  const seen = new Set<PickleDict>([root]);
  let level: Container[] = [{ dict: root, path: [] }];
  let best: Container | null = null;
  let most = 0;
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const next: Container[] = [];
    for (const container of level) {
      const tensors = countTensors(container.dict);
      if (tensors > most) [best, most] = [container, tensors];
      for (const [key, value] of container.dict.entries) {
        if (typeof key !== 'string' || key.length > LONGEST_NAME) continue;
        if (!(value instanceof PickleDict) || seen.has(value)) continue;
        seen.add(value);
        next.push({ dict: value, path: [...container.path, key] });
      }
    }
    level = next;
  }
  if (best === null) throw noTable('it holds no tensors under names');
  return best;
}

function countTensors(dict: PickleDict): number {
  let tensors = 0;
  for (const [key, value] of dict.entries) if (typeof key === 'string' && value instanceof TensorReference) tensors++;
  return tensors;
}

/** Adds the tensors of `dict` and of dictionaries inside it, each once; returns the keys that led to none. */
function collect(
  dict: PickleDict,
  prefix: readonly string[],
  into: Map<string, TensorReference>,
  seen: Set<PickleDict>,
): string[] {
  const ignored: string[] = [];
  seen.add(dict);
  for (const [key, value] of dict.entries) {
    const path = [...prefix, keyText(key)];
    const before = into.size;
    if (typeof key === 'string' && value instanceof TensorReference) add(path.join('.'), value, into);
    else if (typeof key === 'string' && value instanceof PickleDict && path.length < DEEPEST && !seen.has(value)) {
      checkedName(key);
      collect(value, path, into, seen);
    }
    if (into.size === before) ignored.push(path.join('.'));
  }
  return ignored;
}

function add(name: string, tensor: TensorReference, into: Map<string, TensorReference>): void {
  if (into.has(checkedName(name))) throw new WeightFileFault(`it names the tensor ${shown(name)} twice`);
  if (into.set(name, tensor).size > MOST_TENSORS) throw new WeightFileFault(`it has more than ${MOST_TENSORS} tensors`);
}

function checkedName(name: string): string {
  if (name.length > LONGEST_NAME) throw new WeightFileFault(`it has a name of ${name.length} characters`);
  return name;
}

/** The keys beside those that lead to the table. */
function besides(root: PickleDict, path: readonly string[]): string[] {
  const found: string[] = [];
  let dict = root;
  path.forEach((step, depth) => {
    for (const key of dict.entries.keys()) {
      if (key !== step) found.push([...path.slice(0, depth), keyText(key)].join('.'));
    }
    dict = dict.entries.get(step) as PickleDict;
  });
  return found;
}

const keyText = (key: PickleValue): string => (typeof key === 'string' ? key : `(${titleOf(key)})`);

function summary(names: readonly string[]): string {
  const more = names.length - SHOWN_IGNORED;
  const listed = names.slice(0, SHOWN_IGNORED).map(shown).join(', ');
  return more > 0 ? `${listed} and ${more} more` : listed;
}

function stored(name: string, { storage, offset, shape, strides }: TensorReference, bytes: Storage): StoredTensor {
  const dtype: ElementType = storage.dtype;
  if (offset > storage.view.elements) throw new WeightFileFault(`${shown(name)} begins outside its storage`);
  const tensor = { name, dtype, shape, strides, offset: storage.view.offset + offset, storage: bytes };
  checkTensor(tensor);
  return tensor;
}

const noTable = (what: string): WeightFileFault =>
  new WeightFileFault(what, 'In Python, save the weights alone: torch.save(model.state_dict(), path).');
