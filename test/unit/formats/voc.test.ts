import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVoc, placeInPicture, writeVoc } from '@core/formats/voc';
import { parseXml } from '@core/formats/xml';

const object = (name: string, box: string, rest = ''): string => {
  const [xmin, ymin, xmax, ymax] = box.split(' ');
  return `<object><name>${name}</name>${rest}<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`;
};
const annotation = (...objects: string[]): string =>
  `<annotation><filename>a.jpg</filename><size><width>640</width><height>480</height></size>${objects.join('')}</annotation>`;

describe('reading a VOC annotation', () => {
  it('keeps the numbers of the file', () => {
    const read = parseVoc(annotation(object('cell', '260 177 491 376')));
    expect(read).toEqual({
      fileName: 'a.jpg',
      size: { width: 640, height: 480 },
      objects: [
        {
          position: 1,
          className: 'cell',
          box: { x1: 260, y1: 177, x2: 491, y2: 376 },
          difficult: false,
          truncated: false,
        },
      ],
      skipped: [],
    });
  });

  it('takes what real files have: a byte order mark, white space, fractions, CDATA, no size, no flags', () => {
    const text = `\uFEFF<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE annotation>\n<annotation>
      <object><bndbox><ymin> 2.5 </ymin><xmin>\n1.25\n</xmin><xmax>1e1</xmax><ymax>+7</ymax></bndbox>
      <name>  <![CDATA[a & b]]> </name></object></annotation>`;
    expect(parseVoc(text)).toMatchObject({
      fileName: null,
      size: null,
      objects: [{ className: 'a & b', box: { x1: 1.25, y1: 2.5, x2: 10, y2: 7 } }],
    });
  });

  it('reads difficult and truncated', () => {
    const flags = (difficult: string, truncated: string): string =>
      `<difficult>${difficult}</difficult><truncated>${truncated}</truncated>`;
    const read = parseVoc(
      annotation(
        object('a', '0 0 1 1', flags('1', '0')),
        object('a', '0 0 1 1', flags('0', '1')),
        object('a', '0 0 1 1', flags('True', 'Unspecified')),
      ),
    );
    expect(read.objects.map((o) => [o.difficult, o.truncated])).toEqual([
      [true, false],
      [false, true],
      [true, false],
    ]);
  });

  it('does not take the parts of an object for objects, nor a part’s box for the object’s', () => {
    const part =
      '<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>';
    const read = parseVoc(
      annotation(object('person', '10 10 50 90', part), `<object><name>dog</name>${part}</object>`),
    );
    expect(read.objects).toMatchObject([{ className: 'person', box: { x1: 10, y2: 90 } }]);
    expect(read.skipped).toEqual([{ object: 2, className: 'dog', reason: 'it has no <bndbox>' }]);
  });

  it.each([
    ['504 337 504 337', 'the box has no area (504, 337, 504, 337)'],
    ['10 5 20 5', 'the box has no area (10, 5, 20, 5)'],
    ['20 5 10 9', 'the box is inverted (20, 5, 10, 9)'],
    ['NaN 5 10 9', 'its <xmin> is not a number: NaN'],
    ['1 5 Infinity 9', 'its <xmax> is not a number: Infinity'],
    ['1 5 1e999 9', 'its <xmax> is not a number: 1e999'],
    ['1 0x5 10 9', 'its <ymin> is not a number: 0x5'],
    ['1 2 3 4,5', 'its <ymax> is not a number: 4,5'],
  ])('skips the box %s and says why, keeping the others', (box, reason) => {
    const read = parseVoc(annotation(object('cell', '1 2 3 4'), object('cell', box), object('cell', '5 6 7 8')));
    expect(read.objects.map((o) => o.position)).toEqual([1, 3]);
    expect(read.skipped).toEqual([{ object: 2, className: 'cell', reason }]);
  });

  it('skips an object without a name or without a side', () => {
    const read = parseVoc(
      annotation(object(' ', '1 2 3 4'), '<object><name>a</name><bndbox><xmin>1</xmin></bndbox></object>'),
    );
    expect(read.skipped.map((s) => s.reason)).toEqual(['it has no <name>', 'its box has no <ymin>']);
  });

  it('refuses what is no annotation, naming the place', () => {
    expect(() => parseVoc('')).toThrow(/document must contain a root element|no element/);
    expect(() => parseVoc('<annotations/>')).toThrow('it begins with <annotations>, not with <annotation>');
    expect(() => parseVoc('<annotation>\n<object></annotation>')).toThrow(/^line 2, column \d+: /);
    expect(() => parseVoc('{"not": "xml"}')).toThrow(/line 1/);
    expect(() => parseVoc(annotation('<object>').slice(0, 80))).toThrow(/line 1/);
  });
});

describe('hostile XML', () => {
  it('with entities of its own is refused before anything is expanded', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><annotation><filename>&lol2;</filename></annotation>`;
    expect(() => parseXml(bomb)).toThrow(/document type/);
    expect(() => parseXml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&xxe;</a>')).toThrow(/line 1/);
  });

  it('nested deeply ends early, whatever its length', () => {
    const started = performance.now();
    expect(() => parseXml('<a>'.repeat(5_000_000))).toThrow(/nested deeper than 64/);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('placing boxes in the picture', () => {
  const read = (box: string) => parseVoc(annotation(object('cell', box))).objects;

  it('leaves a box that touches the border', () => {
    const placed = placeInPicture(read('0 0 640 480'), { width: 640, height: 480 });
    expect(placed).toMatchObject({ clipped: [], skipped: [], objects: [{ box: { x1: 0, y1: 0, x2: 640, y2: 480 } }] });
  });

  it('cuts one that leaves it and skips one that never enters', () => {
    const cut = placeInPicture(read('-5 10 700 20'), { width: 640, height: 480 });
    expect(cut.objects[0].box).toEqual({ x1: 0, y1: 10, x2: 640, y2: 20 });
    expect(cut.clipped).toMatchObject([{ object: 1, className: 'cell' }]);
    const outside = placeInPicture(read('640 10 700 20'), { width: 640, height: 480 });
    expect(outside.objects).toEqual([]);
    expect(outside.skipped[0].reason).toMatch(/outside the picture/);
  });
});

describe('writing a VOC annotation', () => {
  it('is read back as it was, for any names and numbers', () => {
    const coordinate = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 5000, noNaN: true }));
    const interval = fc.tuple(coordinate, coordinate).filter(([a, b]) => a < b);
    const name = fc
      .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
      .map((s) => s.replace(/[\p{C}\p{Z}]/gu, '_'));
    const vocObject = fc
      .record({ className: name, x: interval, y: interval, difficult: fc.boolean(), truncated: fc.boolean() })
      .map(({ x, y, ...rest }) => ({ ...rest, box: { x1: x[0] + 0, y1: y[0] + 0, x2: x[1], y2: y[1] } }));
    fc.assert(
      fc.property(name, fc.array(vocObject, { maxLength: 8 }), (fileName, objects) => {
        const read = parseVoc(writeVoc({ fileName, width: 5000, height: 5000, objects }));
        expect(read.fileName).toBe(fileName);
        expect(read.skipped).toEqual([]);
        expect(read.objects).toEqual(objects.map((o, k) => ({ ...o, position: k + 1 })));
      }),
    );
  });
});
