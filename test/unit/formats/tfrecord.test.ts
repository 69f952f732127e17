import { describe, expect, it } from 'vitest';
import { FormatError } from '@core/formats/format-error';
import { readTfRecord } from '@core/formats/tfrecord';

/** A field of a message: number 2 of the wire, length first. Lengths below 128 here. */
const field = (number: number, content: number[]): number[] => [number * 8 + 2, content.length, ...content];
const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const texts = (...values: string[]): number[] =>
  field(
    1,
    values.flatMap((value) => field(1, text(value))),
  );
const floats = (...values: number[]): number[] =>
  field(2, field(1, [...new Uint8Array(Float32Array.from(values).buffer)]));
const whole = (...values: number[]): number[] =>
  field(
    3,
    values.flatMap((value) => [8, value]),
  );
const entry = (key: string, feature: number[]): number[] =>
  field(1, [...field(1, text(`image/${key}`)), ...field(2, feature)]);

function record(entries: Record<string, number[]>): number[] {
  const map = Object.entries(entries).flatMap(([key, feature]) => entry(key, feature));
  const length = (n: number): number[] => [(n & 0x7f) | 0x80, n >>> 7];
  const example = [10, ...length(map.length), ...map];
  const frame = new DataView(new ArrayBuffer(12));
  frame.setBigUint64(0, BigInt(example.length), true);
  return [...new Uint8Array(frame.buffer), ...example, 0, 0, 0, 0];
}

const EXAMPLE = {
  filename: texts('in/a.jpg'),
  width: whole(100),
  height: whole(80),
  'object/class/text': texts('nut', 'Schraube für'),
  'object/bbox/xmin': floats(0, 0.5),
  'object/bbox/xmax': floats(0.25, 1),
  'object/bbox/ymin': floats(0.5, 0.25),
  'object/bbox/ymax': floats(1, 0.5),
  'object/difficult': whole(0, 1),
};

describe('TFRecord', () => {
  it('has one example per record, boxes in fractions of its picture', () => {
    const bytes = Uint8Array.from([
      ...record(EXAMPLE),
      ...record({ filename: texts('b.jpg'), width: whole(9), height: whole(9) }),
    ]);
    const { pictures } = readTfRecord(bytes);
    expect(pictures).toEqual([
      {
        name: 'a',
        size: { width: 100, height: 80 },
        objects: [
          { className: 'nut', bounds: [0, 40, 25, 40], difficult: false, crowd: false },
          { className: 'Schraube für', bounds: [50, 20, 50, 20], difficult: true, crowd: false },
        ],
      },
      { name: 'b', size: { width: 9, height: 9 }, objects: [] },
    ]);
  });

  it('refuses to be cut off at any byte, and names the record', () => {
    const bytes = Uint8Array.from(record(EXAMPLE));
    for (let end = 1; end < bytes.length; end++) {
      expect(() => readTfRecord(bytes.subarray(0, end))).toThrow(/^record 1 is/);
    }
  });

  it('never reads outside or forever, whatever byte is wrong', () => {
    const bytes = Uint8Array.from(record(EXAMPLE));
    for (let at = 0; at < bytes.length; at++) {
      const wrong = bytes.slice();
      wrong[at] ^= 0xff;
      try {
        readTfRecord(wrong);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  });

  it.each([
    ['a picture without a name', { ...EXAMPLE, filename: texts() }, 'has no image/filename'],
    ['boxes of three sides', { ...EXAMPLE, 'object/bbox/ymax': floats() }, 'without all four sides'],
    ['fewer classes than boxes', { ...EXAMPLE, 'object/class/text': texts('nut') }, 'class/text'],
  ])('refuses %s', (_, example, message) => {
    expect(() => readTfRecord(Uint8Array.from(record(example)))).toThrow(message);
  });
});
