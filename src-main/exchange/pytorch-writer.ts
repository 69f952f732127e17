/**
 * Writes a state dict as torch.save does since PyTorch 1.6 (torch/serialization.py): a zip archive with the pickle of an
 * OrderedDict of tensors and one entry per storage. `torch.load(path, weights_only=True)` opens it.
 */
import { type WrittenTensor, writtenParts } from '../engine/safetensors-file';
import { contiguousStrides } from './stored-tensor';
import { writeWhole } from './write-whole';
import { zipParts } from './zip-writer';

/** torch.save names it after the file; one name for all keeps the bytes independent of the path. */
const PREFIX = 'archive';
const VERSION = '3\n';
const STORAGES = { F32: 'FloatStorage', I64: 'LongStorage' } as const;

/**
 * Complete on disk or not at all; returns its size in bytes. The same tensors give the same bytes.
 * @throws StudioFailure 'disk-full', 'not-allowed'; RangeError when values do not fill a shape or a name comes twice
 */
export async function writePyTorchZip(path: string, tensors: readonly WrittenTensor[]): Promise<number> {
  const text = (content: string) => new TextEncoder().encode(content);
  const storages = writtenParts(tensors).map((bytes, i) => ({ name: `${PREFIX}/data/${i}`, bytes }));
  return writeWhole(
    path,
    zipParts([
      { name: `${PREFIX}/data.pkl`, bytes: stateDict(tensors) },
      { name: `${PREFIX}/byteorder`, bytes: text('little') },
      ...storages,
      { name: `${PREFIX}/version`, bytes: text(VERSION) },
    ]),
  );
}

const MEMO = { dictionary: 0, tensor: 1 } as const;

/** The pickle, protocol 2: OrderedDict, then name and tensor by turns, set at once. */
function stateDict(tensors: readonly WrittenTensor[]): Uint8Array {
  if (new Set(tensors.map(({ name }) => name)).size < tensors.length) throw new RangeError('a tensor name comes twice');
  const parts: Buffer[] = [Buffer.from([0x80, 2]), global('collections', 'OrderedDict', MEMO.dictionary), latin(')R(')];
  tensors.forEach((tensor, i) => parts.push(text(tensor.name), tensorPickle(tensor, i)));
  parts.push(latin('u.'));
  return new Uint8Array(Buffer.concat(parts));
}

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks), the storage by its persistent id. */
function tensorPickle({ shape, values, dtype = 'F32' }: WrittenTensor, index: number): Buffer {
  return Buffer.concat([
    index === 0 ? global('torch._utils', '_rebuild_tensor_v2', MEMO.tensor) : recall(MEMO.tensor),
    latin('(('),
    text('storage'),
    latin(`ctorch\n${STORAGES[dtype]}\n`),
    text(String(index)),
    text('cpu'),
    integer(values.length),
    latin('tQ'),
    integer(0),
    tuple(shape),
    tuple(contiguousStrides(shape)),
    Buffer.from([0x89]),
    recall(MEMO.dictionary),
    latin(')RtR'),
  ]);
}

const latin = (characters: string): Buffer => Buffer.from(characters, 'latin1');
const recall = (index: number): Buffer => Buffer.concat([latin('h'), Buffer.from([index])]);
const global = (module: string, name: string, memo: number): Buffer =>
  Buffer.concat([latin(`c${module}\n${name}\nq`), Buffer.from([memo])]);
const tuple = (values: readonly number[]): Buffer => Buffer.concat([latin('('), ...values.map(integer), latin('t')]);

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5, 'J');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function text(content: string): Buffer {
  const bytes = Buffer.from(content, 'utf8');
  const head = Buffer.alloc(5, 'X');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
