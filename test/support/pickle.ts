/** Pickles put together by hand, opcode by opcode (Python's pickletools), and PyTorch's files around them. */
const bytes = (...values: number[]): Buffer => Buffer.from(values);
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Opcodes and arguments one after the other; texts are opcodes as their characters. */
export const pickle = (...parts: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? latin(part) : part)));

export const opcode = (code: number, ...rest: number[]): Buffer => bytes(code, ...rest);
export const global = (module: string, name: string): Buffer => latin(`c${module}\n${name}\n`);

export function text(content: string): Buffer {
  const encoded = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(encoded.length);
  return Buffer.concat([latin('X'), length, encoded]);
}

export function integer(value: number): Buffer {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
    const four = Buffer.alloc(4);
    four.writeInt32LE(value);
    return Buffer.concat([latin('J'), four]);
  }
  const eight = Buffer.alloc(8);
  eight.writeBigInt64LE(BigInt(value));
  return Buffer.concat([bytes(0x8a, 8), eight]);
}

export const tuple = (...items: readonly Buffer[]): Buffer => pickle('(', ...items, 't');
export const sizes = (values: readonly number[]): Buffer => tuple(...values.map(integer));
export const dict = (entries: readonly (readonly [string, Buffer])[]): Buffer =>
  pickle('}(', ...entries.flatMap(([key, value]) => [text(key), value]), 'u');
export const orderedDict = (): Buffer => pickle(global('collections', 'OrderedDict'), ')R');

export interface PickledTensor {
  readonly key: string;
  /** Of the whole storage. */
  readonly elements: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset?: number;
  readonly type?: string;
  /** The last part of a legacy file's persistent id. */
  readonly view?: Buffer;
}

export function tensor({
  key,
  elements,
  shape,
  strides,
  offset = 0,
  type = 'FloatStorage',
  view,
}: PickledTensor): Buffer {
  const id = [text('storage'), global('torch', type), text(key), text('cpu'), integer(elements)];
  return pickle(
    global('torch._utils', '_rebuild_tensor_v2'),
    '(',
    tuple(...id, ...(view ? [view] : [])),
    'Q',
    integer(offset),
    sizes(shape),
    sizes(strides),
    opcode(0x89),
    orderedDict(),
    't',
    'R',
  );
}

/** A tensor of one dimension over all of its storage. */
export const plainTensor = (key: string, elements: number): Buffer =>
  tensor({ key, elements, shape: [elements], strides: [1] });

export const floats = (...values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

/** A file of torch.save before PyTorch 1.6 around the pickle of an object (without its end). */
export function legacyFile(
  object: Buffer,
  storages: readonly (readonly [key: string, data: Buffer, elements: number])[],
  { littleEndian = true, protocol = 1001 } = {},
): Buffer {
  return Buffer.concat([
    MAGIC,
    pickle(opcode(0x80, 2), integer(protocol), '.'),
    pickle(opcode(0x80, 2), dict([['little_endian', opcode(littleEndian ? 0x88 : 0x89)]]), '.'),
    pickle(opcode(0x80, 2), object, '.'),
    pickle(opcode(0x80, 2), '](', ...storages.map(([key]) => text(key)), 'e.'),
    ...storages.flatMap(([, data, elements]) => {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(elements));
      return [count, data];
    }),
  ]);
}
