/** Writes zip archives of stored entries (PKWARE APPNOTE 4.3), their bytes aligned; the same entries give the same archive. */
import { crc32 } from 'node:zlib';

export interface ZipContent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What torch.save aligns storages to, so that a reader can map them into memory. */
const ALIGNMENT = 64;
const LOCAL_HEADER_BYTES = 30;
const DIRECTORY_HEADER_BYTES = 46;
const END_BYTES = 22;
/** The extra field that PyTorch fills the gap with; readers skip it. */
const PADDING_FIELD = 0x4246;
const FIELD_HEADER_BYTES = 4;
const NAMES_ARE_UTF8 = 0x0800;
/** 1 January 1980, the format's first day: files made twice are equal. */
const DATE = 0x0021;
const LARGEST = 0xffffffff;
const MOST_ENTRIES = 0xffff;

/** The parts of the archive, in order. Throws RangeError where it would need zip64: 4 GiB or 65535 entries. */
export function* zipParts(contents: readonly ZipContent[]): Generator<Uint8Array> {
  if (contents.length >= MOST_ENTRIES) throw new RangeError(`${contents.length} entries do not fit in a zip archive`);
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of contents) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(bytes);
    const header = localHeader(encoded, bytes.length, crc, at);
    if (at + header.length + bytes.length >= LARGEST) throw new RangeError('a zip archive of 4 GiB is not written');
    directory.push(directoryHeader(encoded, bytes.length, crc, at));
    yield header;
    yield bytes;
    at += header.length + bytes.length;
  }
  yield* directory;
  yield endRecord(
    contents.length,
    directory.reduce((sum, { length }) => sum + length, 0),
    at,
  );
}

function localHeader(name: Uint8Array, size: number, crc: number, at: number): Uint8Array {
  const unpadded = LOCAL_HEADER_BYTES + name.length + FIELD_HEADER_BYTES;
  const padding = (ALIGNMENT - ((at + unpadded) % ALIGNMENT)) % ALIGNMENT;
  const bytes = new Uint8Array(unpadded + padding);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  common(view, 4, name.length, size, crc);
  view.setUint16(28, FIELD_HEADER_BYTES + padding, true);
  bytes.set(name, LOCAL_HEADER_BYTES);
  view.setUint16(LOCAL_HEADER_BYTES + name.length, PADDING_FIELD, true);
  view.setUint16(LOCAL_HEADER_BYTES + name.length + 2, padding, true);
  return bytes;
}

function directoryHeader(name: Uint8Array, size: number, crc: number, at: number): Uint8Array {
  const bytes = new Uint8Array(DIRECTORY_HEADER_BYTES + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x02014b50, true);
  common(view, 6, name.length, size, crc);
  view.setUint32(42, at, true);
  bytes.set(name, DIRECTORY_HEADER_BYTES);
  return bytes;
}

/** What both headers have: flags, method 0 (stored), date, checksum, both sizes, length of the name. */
function common(view: DataView, start: number, nameLength: number, size: number, crc: number): void {
  view.setUint16(start + 2, NAMES_ARE_UTF8, true);
  view.setUint16(start + 8, DATE, true);
  view.setUint32(start + 10, crc, true);
  view.setUint32(start + 14, size, true);
  view.setUint32(start + 18, size, true);
  view.setUint16(start + 22, nameLength, true);
}

function endRecord(entries: number, directoryBytes: number, directoryStart: number): Uint8Array {
  const bytes = new Uint8Array(END_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, entries, true);
  view.setUint16(10, entries, true);
  view.setUint32(12, directoryBytes, true);
  view.setUint32(16, directoryStart, true);
  return bytes;
}
