/**
 * TFRecord files of tf.train.Example with the keys of TensorFlow's object detection: length-framed protocol buffers. Read by hand,
 * as far as an evaluation of boxes needs them; checksums are not compared.
 */
import { FormatError } from './format-error';
import { stem } from './evaluation-tables';
import { fromCorners, type AnnotatedPicture, type AnnotatedPictures } from './picture-boxes';

/** Throws FormatError that names the record. */
export function readTfRecord(bytes: Uint8Array): AnnotatedPictures {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pictures: AnnotatedPicture[] = [];
  for (let at = 0; at < bytes.length;) {
    const record = pictures.length + 1;
    if (at + 12 > bytes.length) throw new FormatError(`record ${record} is cut off`);
    const length = Number(view.getBigUint64(at, true));
    const end = at + 12 + length;
    if (end + 4 > bytes.length) throw new FormatError(`record ${record} is longer than the file`);
    pictures.push(readExample(bytes.subarray(at + 12, end), record));
    at = end + 4;
  }
  return { pictures, notes: [] };
}

interface Feature {
  readonly texts: Uint8Array[];
  readonly numbers: number[];
}

function readExample(bytes: Uint8Array, record: number): AnnotatedPicture {
  const features = new Map<string, Feature>();
  for (const [, message] of messages(bytes, record)) {
    for (const [, entry] of messages(message, record)) {
      const parts = new Map(messages(entry, record));
      const [key, value] = [parts.get(1), parts.get(2)];
      if (key !== undefined && value !== undefined) features.set(decode(key, record), readFeature(value, record));
    }
  }
  const numbers = (key: string): readonly number[] => features.get(`image/${key}`)?.numbers ?? [];
  const texts = (key: string): readonly string[] =>
    (features.get(`image/${key}`)?.texts ?? []).map((text) => decode(text, record));
  const refuse = (reason: string): FormatError => new FormatError(`record ${record} ${reason}`);
  const [width, height] = [numbers('width').at(0) ?? 0, numbers('height').at(0) ?? 0];
  const file = texts('filename').at(0) || texts('source_id').at(0) || '';
  if (!(width > 0 && height > 0) || file === '') throw refuse('has no image/filename, image/width or image/height');
  const names = texts('object/class/text');
  const [x1, y1, x2, y2] = ['xmin', 'ymin', 'xmax', 'ymax'].map((side) => numbers(`object/bbox/${side}`));
  if ([y1, x2, y2].some((side) => side.length !== x1.length)) throw refuse('has boxes without all four sides');
  if (names.length !== x1.length) throw refuse('has not as many image/object/class/text as boxes');
  const flag = (key: string, i: number): boolean => (numbers(`object/${key}`)[i] ?? 0) !== 0;
  return {
    name: stem(file),
    size: { width, height },
    objects: names.map((className, i) => ({
      className,
      bounds: fromCorners(x1[i] * width, y1[i] * height, x2[i] * width, y2[i] * height),
      difficult: flag('difficult', i),
      crowd: flag('is_crowd', i) || flag('group_of', i),
    })),
  };
}

/** A list of bytes (1), of 32-bit floats (2) or of whole numbers (3), packed or one by one. */
function readFeature(bytes: Uint8Array, record: number): Feature {
  const feature: Feature = { texts: [], numbers: [] };
  for (const [kind, list] of messages(bytes, record)) {
    const reader = new Reader(list, record);
    while (!reader.atEnd) {
      const wire = reader.number() & 7;
      if (kind === 1) feature.texts.push(reader.bytes());
      else if (wire === 2) {
        const packed = new Reader(reader.bytes(), record);
        while (!packed.atEnd) feature.numbers.push(kind === 2 ? packed.float() : packed.number());
      } else feature.numbers.push(kind === 2 ? reader.float() : reader.number());
    }
  }
  return feature;
}

/** The fields of a message that have messages or bytes in them, by their number. */
function messages(bytes: Uint8Array, record: number): [field: number, content: Uint8Array][] {
  const found: [number, Uint8Array][] = [];
  const reader = new Reader(bytes, record);
  while (!reader.atEnd) {
    const tag = reader.number();
    if ((tag & 7) !== 2) throw new FormatError(`record ${record} is not a tf.train.Example`);
    found.push([tag >>> 3, reader.bytes()]);
  }
  return found;
}

const MAX_TEXT = 4096;

/** UTF-8. */
function decode(bytes: Uint8Array, record: number): string {
  if (bytes.length > MAX_TEXT) throw new FormatError(`record ${record} has a name of more than ${MAX_TEXT} bytes`);
  const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw new FormatError(`record ${record} has a name that is not UTF-8`);
  }
}

/** Never reads past its bytes. */
class Reader {
  private at = 0;

  constructor(
    private readonly content: Uint8Array,
    private readonly record: number,
  ) {}

  get atEnd(): boolean {
    return this.at >= this.content.length;
  }

  /** A variable-length whole number; exact below 2^53. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.take(1)[0];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new FormatError(`record ${this.record} holds a number that does not end`);
  }

  float(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
  }

  bytes(): Uint8Array {
    return this.take(this.number());
  }

  private take(length: number): Uint8Array {
    if (length > this.content.length - this.at) throw new FormatError(`record ${this.record} is cut off`);
    this.at += length;
    return this.content.subarray(this.at - length, this.at);
  }
}
