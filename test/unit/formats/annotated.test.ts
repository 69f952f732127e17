import { describe, expect, it } from 'vitest';
import { readCvat, readLabelMe, readOpenImages } from '@core/formats/annotated';
import { parseCsv } from '@core/formats/csv';
import { FormatError } from '@core/formats/format-error';
import { groundTruthOf } from '@core/formats/picture-boxes';

describe('CVAT', () => {
  const file = (content: string) => `<annotations><version>1.1</version>${content}</annotations>`;
  const box = '<box label="nut" xtl="1.5" ytl="2" xbr="11.5" ybr="22"/>';

  it('has boxes by their corners, and pictures without objects', () => {
    const { pictures, notes } = readCvat(
      file(
        `<image name="in/a.jpg" width="64" height="48">${box}<polygon label="nut" points="1,1;2,2;1,2"/></image>
         <image name="b.jpg" width="64" height="48"/>`,
      ),
    );
    const size = { width: 64, height: 48 };
    expect(pictures).toEqual([
      { name: 'a', size, objects: [{ className: 'nut', bounds: [1.5, 2, 10, 20] }] },
      { name: 'b', size, objects: [] },
    ]);
    expect(notes).toEqual(['1 shapes <polygon> were left out: no boxes.']);
  });

  it.each([
    ['<annotation/>', 'it begins with <annotation>'],
    [file('<track id="1"/>'), 'tracks of a video'],
    [file('<image name="a.jpg" width="64" height="48"><box label="nut" xtl="x"/></image>'), 'a.jpg: the xtl'],
    [file('<image width="64" height="48"/>'), 'has no name'],
  ])('refuses %s', (text, message) => {
    expect(() => readCvat(text)).toThrow(FormatError);
    expect(() => readCvat(text)).toThrow(message);
  });
});

describe('LabelMe', () => {
  const read = (...shapes: object[]) => readLabelMe('a', JSON.stringify({ imageWidth: 64, imageHeight: 48, shapes }));

  it('has rectangles by any two corners, polygons by the box around them', () => {
    const { pictures, notes } = read(
      { label: 'nut', points: [[11, 22], [1, 2]], shape_type: 'rectangle' }, // prettier-ignore
      { label: 'bolt', points: [[0, 5], [10, 0], [20, 9]], shape_type: 'polygon' }, // prettier-ignore
      { label: 'hole', points: [[5, 5], [7, 7]], shape_type: 'circle' }, // prettier-ignore
    );
    expect(pictures[0].objects.map(({ bounds }) => bounds)).toEqual([
      [1, 2, 10, 20],
      [0, 0, 20, 9],
    ]);
    expect(notes).toEqual(['a, shape 3 was left out: it is no rectangle and no polygon.']);
  });

  it('names the shape that it refuses', () => {
    expect(() => read({ label: 'nut', points: [[1, 'x']] })).toThrow('shapes[0], points[0][1]');
  });
});

describe('Open Images', () => {
  const HEADER = 'ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsGroupOf';
  const sizes = new Map([['a', { width: 200, height: 100 }]]);

  it('has fractions of the picture, also with decimal commas, and groups that are crowds', () => {
    const rows = `${HEADER}\r\na.jpg,,nut,,"0,25",0.5,0.1,"0,3",\r\na,,nut,1,0,1,0,1,1\r\n`;
    const { groundTruths, imageCount } = groundTruthOf([readOpenImages(rows, sizes)]);
    expect(imageCount).toBe(1);
    expect([...groundTruths.boxes]).toEqual([50, 10, 50, 20, 0, 0, 200, 100]);
    expect([...groundTruths.crowd]).toEqual([0, 1]);
  });

  it.each([
    ['ImageID,LabelName\n', 'no XMin, XMax, YMin, YMax'],
    [`${HEADER}\na,,nut,,x,0.5,0.1,0.3,`, 'row 2 has no picture, label or box'],
    [`${HEADER}\na,,nut,,,0.5,0.1,0.3,`, 'row 2 has no picture, label or box'],
    [`${HEADER}\nb,,nut,,0,0.5,0.1,0.3,`, 'the size of the picture b is not known'],
  ])('refuses %j', (text, message) => {
    expect(() => readOpenImages(text, sizes)).toThrow(FormatError);
    expect(() => readOpenImages(text, sizes)).toThrow(message);
  });
});

describe('comma-separated values', () => {
  it('may be quoted, with quotes, commas and line ends inside, and end with or without a line end', () => {
    expect(parseCsv('\uFEFFa,"b ""c"", d"\r\n"e\nf",')).toEqual([
      ['a', 'b "c", d'],
      ['e\nf', ''],
    ]);
    expect(parseCsv('a\n\nb\n')).toEqual([['a'], [''], ['b']]);
    expect(parseCsv('')).toEqual([]);
  });

  it('refuse a quote that is not closed', () => {
    expect(() => parseCsv('a\n"b')).toThrow('row 2');
  });
});
