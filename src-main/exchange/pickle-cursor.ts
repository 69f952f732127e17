/** Bytes of a pickle, read from front to back; every read is checked against their end. */
import { WeightFileFault } from './file-bytes';

/** The bytes end before the pickle does; a caller that has only its beginning can come back with more. */
export class PickleCutShort extends WeightFileFault {
  constructor() {
    super('it ends in the middle of its table of contents');
  }
}

const LONGEST_LINE = 1 << 16;

export class PickleCursor {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  byte(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** Rounded where it is larger than any file. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  /** Big-endian, unlike all else in a pickle. */
  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** Up to the next line feed, which is skipped; one character per byte. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if ((end < 0 ? this.bytes.length : end) - this.at > LONGEST_LINE) this.fail('a line of text is too long');
    if (end < 0) throw new PickleCutShort();
    const text = Buffer.from(this.take(end - this.at)).toString('latin1');
    this.at = end + 1;
    return text;
  }

  fail(what: string, advice?: string): never {
    throw new WeightFileFault(`${what} (byte ${this.at} of its table of contents)`, advice);
  }

  private skip(length: number): number {
    if (length > this.bytes.length - this.at) throw new PickleCutShort();
    this.at += length;
    return this.at - length;
  }
}
