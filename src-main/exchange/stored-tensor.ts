/**
 * A tensor of a weight file as a view on bytes: shape, strides and offset over a storage that other tensors may share, as
 * PyTorch keeps them. Its values are read when they are asked for, at most `WINDOW` bytes at a time beside the result.
 */
import { ELEMENT_BYTES, type FileTensor } from '@core/weights/weight-file';
import { decodeElements } from './element-types';
import { WeightFileFault } from './file-bytes';

/** Bytes that lie one after the other, as the file has them once unpacked. */
export interface Storage {
  readonly bytes: number;
  read(start: number, length: number): Promise<Uint8Array>;
}

export interface StoredTensor extends FileTensor {
  readonly storage: Storage;
  /** Elements from the start of the storage. */
  readonly offset: number;
  /** Elements between neighbours, one per dimension; 0 where one value stands for all. */
  readonly strides: readonly number[];
}

export interface TensorTable {
  readonly format: 'pytorch-zip' | 'pytorch-legacy' | 'safetensors';
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A multiple of every element's size. */
const WINDOW = 16 << 20;
/** One GiB of float32; the largest layer of any detector here, fc6 of VGG-16, has 103 million. */
const MOST_ELEMENTS = 2 ** 28;
/** Of a tensor that repeats its storage: a few bytes must not ask for gigabytes. */
const MOST_REPEATED = 2 ** 22;
const MOST_DIMENSIONS = 64;

export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/** @throws WeightFileFault when the tensor does not lie within its storage or is too large to be a weight */
export function checkTensor(tensor: StoredTensor): void {
  const { shape, strides, offset, dtype, storage } = tensor;
  const name = shown(tensor.name);
  const counts = [...shape, ...strides, offset];
  if (shape.length > MOST_DIMENSIONS || shape.length !== strides.length || !counts.every(isCount)) {
    throw new WeightFileFault(`${name} has an impossible shape, stride or offset`);
  }
  const held = Math.floor(storage.bytes / ELEMENT_BYTES[dtype]);
  const elements = count(shape);
  const last = elements === 0 ? offset : offset + reach(tensor);
  if (last > held) throw new WeightFileFault(`${name} reaches to element ${last} of ${held} that its storage holds`);
  if (elements > MOST_ELEMENTS || (elements > held && elements > MOST_REPEATED)) {
    throw new WeightFileFault(`${name} has ${elements} elements, too many for a weight`);
  }
}

/** The values in row-major order. */
export async function readValues(tensor: StoredTensor): Promise<Float32Array> {
  const values = new Float32Array(count(tensor.shape));
  if (values.length > 0) await (isContiguous(tensor) ? readRun(tensor, values) : gather(tensor, values));
  return values;
}

async function readRun(tensor: StoredTensor, values: Float32Array): Promise<void> {
  const size = ELEMENT_BYTES[tensor.dtype];
  const step = WINDOW / size;
  for (let done = 0; done < values.length; done += step) {
    const part = values.subarray(done, done + step);
    const bytes = await tensor.storage.read((tensor.offset + done) * size, part.length * size);
    decodeElements(tensor.dtype, bytes, part);
  }
}

/** Visits the elements in the order of the storage, so that the window over it moves only forward. */
async function gather(tensor: StoredTensor, values: Float32Array): Promise<void> {
  const size = ELEMENT_BYTES[tensor.dtype];
  const end = tensor.offset + reach(tensor);
  const places = contiguousStrides(tensor.shape);
  const axes = tensor.shape
    .map((length, d) => ({ length, stride: tensor.strides[d], place: places[d] }))
    .sort((a, b) => b.stride - a.stride);
  checkOrder(tensor, axes);
  const at = axes.map(() => 0);
  let window = new Float32Array(0);
  let from = tensor.offset;
  let element = tensor.offset;
  let place = 0;
  for (let visited = 0; visited < values.length; visited++) {
    if (element >= from + window.length) {
      window = new Float32Array(Math.min(WINDOW / size, end - element));
      decodeElements(tensor.dtype, await tensor.storage.read(element * size, window.length * size), window);
      from = element;
    }
    values[place] = window[element - from];
    for (let d = axes.length - 1; d >= 0; d--) {
      element += axes[d].stride;
      place += axes[d].place;
      if (++at[d] < axes[d].length) break;
      at[d] = 0;
      element -= axes[d].stride * axes[d].length;
      place -= axes[d].place * axes[d].length;
    }
  }
}

/** Overlapping views (of `as_strided`) go back and forth; within one window that does no harm. */
function checkOrder(tensor: StoredTensor, axes: readonly { length: number; stride: number }[]): void {
  if (reach(tensor) * ELEMENT_BYTES[tensor.dtype] <= WINDOW) return;
  let inner = 0;
  for (const { length, stride } of [...axes].reverse()) {
    if (length > 1 && stride > 0 && stride <= inner) {
      throw new WeightFileFault(`${shown(tensor.name)} is a view that overlaps itself`, 'Save a copy of it: .clone().');
    }
    inner += (length - 1) * stride;
  }
}

function isContiguous({ shape, strides }: StoredTensor): boolean {
  const expected = contiguousStrides(shape);
  return shape.every((length, d) => length === 1 || strides[d] === expected[d]);
}

/** Zero first: the other sides may be so large that their product is infinite. */
const count = (shape: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1);
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
/** Elements from the first to the last, both counted. */
const reach = ({ shape, strides }: StoredTensor): number =>
  shape.reduce((sum, length, d) => sum + (length - 1) * strides[d], 1);

/** A name from a file, for a message. */
export function shown(name: string): string {
  const printable = name.replace(/\p{C}/gu, '?');
  return printable.length > 120 ? `${printable.slice(0, 120)}...` : printable;
}
