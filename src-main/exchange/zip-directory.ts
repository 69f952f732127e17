/** The central directory of a zip archive: PKWARE APPNOTE 4.3.12 to 4.3.16, 4.5.3 for zip64. */
import { type Bytes, WeightFileFault } from './file-bytes';
import { shown } from './stored-tensor';

export interface DirectoryEntry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** Bytes in the file. */
  readonly packed: number;
  /** Bytes once unpacked. */
  readonly size: number;
  readonly headerStart: number;
}

interface Directory {
  readonly entries: DirectoryEntry[];
  readonly start: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const HEADER = 0x02014b50;
const HEADER_BYTES = 46;
const ZIP64_FIELD = 1;
/** Values that stand for "see zip64". */
const IN_ZIP64 = 0xffffffff;

const MOST_ENTRIES = 50_000;
const LARGEST_DIRECTORY = 32 << 20;

export async function readDirectory(file: Bytes): Promise<Directory> {
  const { start, bytes, count } = await readEnd(file);
  if (count > MOST_ENTRIES || bytes > LARGEST_DIRECTORY) {
    throw new WeightFileFault(`its directory names ${count} entries in ${bytes} bytes, too many`);
  }
  const directory = await file.read(start, bytes, 'its directory');
  const view = new DataView(directory.buffer);
  const entries: DirectoryEntry[] = [];
  let at = 0;
  while (entries.length < count) {
    if (at + HEADER_BYTES > bytes || view.getUint32(at, true) !== HEADER) throw damaged(entries.length);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const end = at + HEADER_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (end > bytes) throw damaged(entries.length);
    const extraStart = at + HEADER_BYTES + nameBytes;
    const name = new TextDecoder().decode(directory.subarray(at + HEADER_BYTES, extraStart));
    entries.push(entryAt(view, at, name, wideValues(view, extraStart, extraBytes)));
    at = end;
  }
  if (at !== bytes) throw new WeightFileFault('its directory is longer than its entries');
  return { entries, start };
}

const damaged = (index: number): WeightFileFault => new WeightFileFault(`entry ${index} of its directory is damaged`);

function entryAt(view: DataView, at: number, name: string, wide: readonly number[]): DirectoryEntry {
  // Those of these that do not fit in 32 bits stand in the zip64 field, in this order.
  const [size, packed, headerStart] = [24, 20, 42].map((field) => {
    const value = view.getUint32(at + field, true);
    if (value !== IN_ZIP64) return value;
    const [first, ...rest] = wide;
    if (first === undefined) throw new WeightFileFault(`the size of ${shown(name)} is missing`);
    wide = rest;
    return first;
  });
  return {
    name,
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed,
    size,
    headerStart,
  };
}

function wideValues(view: DataView, start: number, length: number): number[] {
  const end = start + length;
  for (let at = start; at + 4 <= end;) {
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_FIELD && fieldEnd <= end) {
      const values: number[] = [];
      for (let value = at + 4; value + 8 <= fieldEnd; value += 8) values.push(uint64(view, value));
      return values;
    }
    at = fieldEnd;
  }
  return [];
}

/** The record at the end of the file says where the directory is; for large files a wider one before it. */
async function readEnd(file: Bytes): Promise<{ start: number; bytes: number; count: number }> {
  const tailStart = Math.max(0, file.size - END_BYTES - LONGEST_COMMENT);
  const tail = await file.read(tailStart, file.size - tailStart, 'its end');
  const view = new DataView(tail.buffer);
  const at = findEnd(view);
  const end = {
    count: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
  const wide = await readEnd64(file, tailStart + at - LOCATOR_BYTES);
  const { start, bytes, count } = wide ?? end;
  if (start + bytes > tailStart + at) throw new WeightFileFault('its directory lies outside the file');
  return { start, bytes, count };
}

function findEnd(view: DataView): number {
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new WeightFileFault('it is a zip archive without its end');
}

async function readEnd64(file: Bytes, at: number): Promise<{ start: number; bytes: number; count: number } | null> {
  if (at < 0) return null;
  const locator = new DataView((await file.read(at, LOCATOR_BYTES, 'its end')).buffer);
  if (locator.getUint32(0, true) !== LOCATOR) return null;
  const view = new DataView((await file.read(uint64(locator, 8), END_64_BYTES, 'its directory')).buffer);
  if (view.getUint32(0, true) !== END_64) throw new WeightFileFault('the end of its directory is damaged');
  return { count: uint64(view, 32), bytes: uint64(view, 40), start: uint64(view, 48) };
}

/** Rounded where it is larger than any file. */
const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));
