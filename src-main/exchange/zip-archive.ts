/**
 * Reads zip archives by their central directory (PKWARE APPNOTE 4.3, with zip64): stored entries by byte range, deflated ones
 * unpacked whole under a limit. Entries must lie apart, in the file and before the directory.
 */
import { crc32, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { type Bytes, type FileBytes, WeightFileFault } from './file-bytes';
import { shown, type Storage } from './stored-tensor';
import { type DirectoryEntry, readDirectory } from './zip-directory';

export interface ZipEntry extends DirectoryEntry {
  /** Where its bytes begin in the file. */
  readonly start: number;
}

const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
/** A deflated entry is held whole in memory. */
const LARGEST_INFLATED = 256 << 20;
const CHECKED_AT_ONCE = 4 << 20;

const inflate = promisify(inflateRaw) as (packed: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

export class ZipArchive {
  /** The deflated entry that was unpacked last. */
  private unpacked: { readonly entry: ZipEntry; readonly bytes: Promise<Uint8Array> } | null = null;
  private readonly checked = new Map<ZipEntry, Promise<void>>();

  private constructor(
    private readonly file: FileBytes,
    readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  static async open(file: FileBytes): Promise<ZipArchive> {
    const { entries, start: directoryStart } = await readDirectory(file);
    const inOrder = entries.sort((a, b) => a.headerStart - b.headerStart);
    const found = new Map<string, ZipEntry>();
    for (const [i, entry] of inOrder.entries()) {
      const located = { ...entry, start: await entryStart(entry, file) };
      const end = inOrder[i + 1]?.headerStart ?? directoryStart;
      if (located.start + entry.packed > end)
        throw new WeightFileFault(`${shown(entry.name)} overlaps what follows it`);
      if (found.has(entry.name)) throw new WeightFileFault(`it has two entries ${shown(entry.name)}`);
      found.set(entry.name, located);
    }
    return new ZipArchive(file, found);
  }

  /** All bytes of a small entry. */
  async read(entry: ZipEntry, limit: number): Promise<Uint8Array> {
    if (entry.size > limit)
      throw new WeightFileFault(`${shown(entry.name)} has ${entry.size} bytes, more than ${limit}`);
    return this.storage(entry).read(0, entry.size);
  }

  /** The unpacked bytes; its checksum is compared before the first are read. */
  storage(entry: ZipEntry): Storage {
    const { size, name } = entry;
    if (entry.method === DEFLATED) {
      if (size > LARGEST_INFLATED) {
        const advice = 'Zip it again without compression, as torch.save does.';
        throw new WeightFileFault(`${shown(name)} unpacks to ${size} bytes, more than ${LARGEST_INFLATED}`, advice);
      }
      return {
        bytes: size,
        read: async (from, length) => (await this.inflated(entry)).slice(from, from + length),
      };
    }
    return {
      bytes: size,
      read: async (from, length) => {
        await this.check(entry);
        return this.file.read(entry.start + from, length, shown(name));
      },
    };
  }

  private inflated(entry: ZipEntry): Promise<Uint8Array> {
    if (this.unpacked?.entry !== entry) this.unpacked = { entry, bytes: this.inflateEntry(entry) };
    return this.unpacked.bytes;
  }

  private async inflateEntry(entry: ZipEntry): Promise<Uint8Array> {
    const what = shown(entry.name);
    const packed = await this.file.read(entry.start, entry.packed, what);
    const bytes = await inflate(packed, { maxOutputLength: Math.max(1, entry.size) }).catch(() => null);
    if (bytes?.length !== entry.size) throw new WeightFileFault(`${what} does not unpack to the size it names`);
    compare(entry, crc32(bytes));
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  private check(entry: ZipEntry): Promise<void> {
    const known = this.checked.get(entry);
    if (known) return known;
    const checking = this.checkStored(entry);
    this.checked.set(entry, checking);
    return checking;
  }

  private async checkStored(entry: ZipEntry): Promise<void> {
    if (entry.crc === 0) return;
    let crc = 0;
    for (let at = 0; at < entry.size; at += CHECKED_AT_ONCE) {
      const length = Math.min(CHECKED_AT_ONCE, entry.size - at);
      crc = crc32(await this.file.read(entry.start + at, length, shown(entry.name)), crc);
    }
    compare(entry, crc);
  }
}

/** 0 means unknown: PyTorch writes it when told to leave checksums out. */
function compare(entry: ZipEntry, crc: number): void {
  if (entry.crc !== 0 && entry.crc !== crc) throw new WeightFileFault(`the checksum of ${shown(entry.name)} is wrong`);
}

/** Where an entry's bytes begin only its local header says. */
export async function entryStart(entry: DirectoryEntry, file: Bytes): Promise<number> {
  const what = shown(entry.name);
  const { method, size, packed, headerStart } = entry;
  if (entry.encrypted) throw new WeightFileFault(`${what} is encrypted`, 'Unpack it and save the weights again.');
  if (method !== STORED && method !== DEFLATED) throw new WeightFileFault(`${what} is packed by method ${method}`);
  if (method === STORED && size !== packed) throw new WeightFileFault(`${what} has two sizes`);
  const bytes = await file.read(headerStart, LOCAL_HEADER_BYTES, `the header of ${what}`);
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0, true) !== LOCAL_HEADER || view.getUint16(8, true) !== method) {
    throw new WeightFileFault(`the header of ${what} is not where the directory says`);
  }
  return headerStart + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}
