/**
 * What pickles of PyTorch's weight files mean, by name: tables, tensors as views on storages, and a few harmless things that
 * lie beside them in checkpoints. Every other name is refused. Format: torch/_utils.py and torch/serialization.py.
 */
import type { ElementType } from '@core/weights/weight-file';
import { WeightFileFault } from './file-bytes';
import type { PickleHost } from './pickle';
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleOpaque,
  PickleTuple,
  type PickleValue,
} from './pickle-values';
import { shown } from './stored-tensor';

/** A storage that the pickle names and the file holds elsewhere. */
export class StorageReference extends PickleObject {
  readonly title = 'a storage';
  constructor(
    readonly key: string,
    readonly dtype: ElementType,
    /** Elements of the whole storage. */
    readonly elements: number,
    /** Elements before and in the part that is meant; files before PyTorch 0.4 share storages so. */
    readonly view: { readonly offset: number; readonly elements: number },
  ) {
    super();
  }
}

export class TensorReference extends PickleObject {
  readonly title = 'a tensor';
  constructor(
    readonly storage: StorageReference,
    /** In elements from the start of the storage's view. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }
}

const STORAGES: Readonly<Record<string, ElementType>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** Names of torch that are tensors, but of kinds that are not read. */
const UNREAD: Readonly<Record<string, string>> = {
  'torch.ComplexFloatStorage': 'complex numbers',
  'torch.ComplexDoubleStorage': 'complex numbers',
  'torch.QInt8Storage': 'quantised numbers',
  'torch.QUInt8Storage': 'quantised numbers',
  'torch.QInt32Storage': 'quantised numbers',
  'torch.QUInt4x2Storage': 'quantised numbers',
  'torch.QUInt2x4Storage': 'quantised numbers',
  'torch._utils._rebuild_qtensor': 'quantised tensors',
  'torch._utils._rebuild_sparse_tensor': 'sparse tensors',
  'torch._utils._rebuild_tensor_v3': 'tensors of a type without a storage class',
  'torch._utils._rebuild_meta_tensor_no_storage': 'tensors without values',
};

type Rule = (args: readonly PickleValue[]) => PickleValue;
const opaque = (title: string): Rule => {
  const value = new PickleOpaque(title);
  return () => value;
};

/** What a name stands for when it is called with these arguments. Nothing else is known. */
const RULES: Readonly<Record<string, Rule>> = {
  'torch._utils._rebuild_tensor': tensorOf,
  'torch._utils._rebuild_tensor_v2': tensorOf,
  'torch._utils._rebuild_parameter': parameterOf,
  'torch._utils._rebuild_parameter_with_state': parameterOf,
  'collections.OrderedDict': orderedDict,
  'torch.Size': ([sizes]) => new PickleTuple(countsOf(sizes, 'a size')),
  'torch.device': opaque('a device'),
  'numpy.dtype': opaque('a type of numpy'),
  'numpy.core.multiarray.scalar': opaque('a number of numpy'),
  'numpy._core.multiarray.scalar': opaque('a number of numpy'),
  '_codecs.encode': opaque('bytes'),
  'builtins.set': opaque('a set'),
  '__builtin__.set': opaque('a set'),
};

/** For the pickle that holds the tensors. */
export const TORCH_HOST: PickleHost = {
  global(module, name) {
    const key = `${module}.${name}`;
    if (Object.hasOwn(RULES, key) || Object.hasOwn(STORAGES, key)) return new PickleGlobal(key);
    if (Object.hasOwn(UNREAD, key)) {
      const advice = 'Save the weights as plain float32 tensors: {name: tensor.float()}.';
      throw new WeightFileFault(`it holds ${UNREAD[key]} (\`${key}\`), which are not read`, advice);
    }
    throw refused(key);
  },
  call(callee, args) {
    if (callee instanceof PickleGlobal && Object.hasOwn(RULES, callee.key)) return RULES[callee.key](args);
    throw new WeightFileFault(`its table of contents calls ${titleOf(callee)}`);
  },
  build(object) {
    // The state of an OrderedDict is PyTorch's _metadata, versions of modules; numpy's types have one of their own.
    if (object instanceof PickleDict || object instanceof PickleOpaque) return;
    throw new WeightFileFault(`its table of contents changes the state of ${titleOf(object)}`);
  },
  persistent: storageOf,
};

/** For pickles that hold nothing but plain data. */
export const PLAIN_HOST: PickleHost = {
  global(module, name) {
    throw refused(`${module}.${name}`);
  },
  call(callee) {
    throw new WeightFileFault(`its table of contents calls ${titleOf(callee)}`);
  },
  build(object) {
    throw new WeightFileFault(`its table of contents changes the state of ${titleOf(object)}`);
  },
  persistent(id) {
    throw new WeightFileFault(`its table of contents refers to ${titleOf(id)} outside`);
  },
};

function refused(key: string): WeightFileFault {
  return new WeightFileFault(
    `it wants to run \`${shown(key)}\`; only weight tables are read`,
    'In Python, load it where its code is trusted and save only the weights: torch.save(model.state_dict(), path).',
  );
}

/** ('storage', class, key, device, elements), in legacy files also (view key, offset, elements) or None. */
function storageOf(id: PickleValue): StorageReference {
  const [kind, type, key, , elements, view] = id instanceof PickleTuple ? id.items : [];
  const dtype = type instanceof PickleGlobal ? STORAGES[type.key] : undefined;
  const knownKey = typeof key === 'string' && key.length <= 100;
  if (kind !== 'storage' || dtype === undefined || !knownKey || !isCount(elements)) {
    throw new WeightFileFault('its table of contents names a storage wrongly');
  }
  return new StorageReference(key, dtype, elements, viewOf(view, elements));
}

function viewOf(view: PickleValue | undefined, elements: number): { offset: number; elements: number } {
  if (view === undefined || view === null) return { offset: 0, elements };
  const [, offset, length] = view instanceof PickleTuple ? view.items : [];
  if (!isCount(offset) || !isCount(length) || offset + length > elements) {
    throw new WeightFileFault('its table of contents names a part of a storage wrongly');
  }
  return { offset, elements: length };
}

/** (storage, offset, size, stride, ...) */
function tensorOf([storage, offset, shape, strides]: readonly PickleValue[]): TensorReference {
  if (!(storage instanceof StorageReference) || !isCount(offset)) {
    throw new WeightFileFault('its table of contents makes a tensor of what is no storage');
  }
  return new TensorReference(storage, offset, countsOf(shape, 'a shape'), countsOf(strides, 'strides'));
}

function parameterOf([tensor]: readonly PickleValue[]): TensorReference {
  if (tensor instanceof TensorReference) return tensor;
  throw new WeightFileFault('its table of contents makes a parameter of what is no tensor');
}

/** Python 2 gives the entries as a list of pairs, Python 3 sets them afterwards. */
function orderedDict([pairs]: readonly PickleValue[]): PickleDict {
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  for (const pair of itemsOf(pairs) ?? [null]) {
    const items = itemsOf(pair);
    if (items?.length !== 2)
      throw new WeightFileFault('its table of contents fills a dictionary with what are no pairs');
    dict.entries.set(items[0], items[1]);
  }
  return dict;
}

function countsOf(value: PickleValue | undefined, what: string): readonly number[] {
  if (value instanceof PickleTuple && value.items.length <= 64 && value.items.every(isCount)) {
    return value.items as readonly number[];
  }
  throw new WeightFileFault(`its table of contents gives ${what} that is no tuple of counts`);
}

const itemsOf = (value: PickleValue): readonly PickleValue[] | null =>
  value instanceof PickleList || value instanceof PickleTuple ? value.items : null;

const isCount = (value: PickleValue | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const titleOf = (value: PickleValue): string =>
  value instanceof PickleObject ? value.title : value === null ? 'None' : `a ${typeof value}`;
