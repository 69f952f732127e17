import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../src-main/files/local-files';
import { imageReader } from '../../../src-main/images/image-reader';
import { importVoc } from '../../../src-main/services/import-voc';
import type { VocImportRequest } from '../../../src-main/services/import-voc';
import type { OperationContext } from '../../../src-main/services/operations';
import type { ProjectStore } from '../../../src-main/services/ports';
import { createProject } from '../../../src-main/store/project-store';

const shared = resolve(import.meta.dirname, '../../../../shared/data');
const ports = { files: localFiles, reader: imageReader };
const idle: OperationContext = { progress: () => {}, signal: new AbortController().signal };

let folder: string;
let from: string;
let store: ProjectStore;
let jpeg: Uint8Array;

beforeAll(async () => {
  jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#884422' } })
    .jpeg()
    .toBuffer();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  from = join(folder, 'voc');
  store = createProject(join(folder, 'project'), 'Test', ['cell']);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (request: Partial<VocImportRequest> = {}, context = idle) =>
  importVoc(store, { from, copy: false, ...request }, ports, context);

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(from, path)), { recursive: true });
  writeFileSync(join(from, path), content);
}

const xml = (fileName: string, boxes: readonly string[] = ['1 2 30 40'], name = 'cell'): string =>
  `<annotation><filename>${fileName}</filename><size><width>64</width><height>48</height></size>${boxes
    .map((box) => box.split(' '))
    .map(
      ([x1, y1, x2, y2]) =>
        `<object><name>${name}</name><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`,
    )
    .join('')}</annotation>`;

function putPicture(name: string, boxes?: readonly string[]): void {
  put(`JPEGImages/${name}.jpg`, jpeg);
  put(`Annotations/${name}.xml`, xml(`${name}.jpg`, boxes));
}

const namesInProject = (): readonly string[] => store.imagesOfSplit(null).map((image) => image.fileName);

describe.skipIf(!existsSync(join(shared, 'bccd')))('the real data set bccd', () => {
  it('gives 364 pictures, 4,886 boxes, its splits, and names the two boxes without area; again, it adds nothing', async () => {
    from = join(shared, 'bccd');
    const report = await run();
    expect(report).toMatchObject({
      imagesAdded: 364,
      imagesUnchanged: 0,
      objectsAdded: 4886,
      classesAdded: ['Platelets', 'RBC', 'WBC'],
      splits: { train: 205, val: 87, test: 72, none: 0 },
      notes: [],
    });
    expect(report.skipped).toEqual([
      {
        file: 'Annotations/BloodImage_00338.xml',
        object: expect.any(Number) as number,
        className: 'RBC',
        reason: 'the box has no area (504, 337, 504, 337)',
      },
      {
        file: 'Annotations/BloodImage_00343.xml',
        object: expect.any(Number) as number,
        className: 'RBC',
        reason: 'the box has no area (181, 329, 181, 329)',
      },
    ]);
    expect(await run()).toMatchObject({ imagesAdded: 0, imagesUnchanged: 364, objectsAdded: 0, classesAdded: [] });
    const { images, objects, splits } = store.summary();
    expect({ images, objects, splits }).toEqual({
      images: 364,
      objects: 4886,
      splits: { train: 205, val: 87, test: 72, none: 0 },
    });
  });
});

describe.skipIf(!existsSync(join(shared, 'voc100-multiformat')))(
  'real VOC annotations with a separate folder of pictures',
  () => {
    it('give 100 pictures, 273 boxes, 38 of them difficult, 20 classes', async () => {
      from = join(shared, 'voc100-multiformat/gts/pascalvoc_format');
      const report = await run({ images: join(shared, 'voc100-multiformat/images') });
      expect(report).toMatchObject({ imagesAdded: 100, objectsAdded: 273, skipped: [] });
      expect(report.classesAdded).toHaveLength(20);
      const objects = store.imagesOfSplit(null).flatMap((image) => image.objects);
      expect(objects.filter((object) => object.difficult)).toHaveLength(38);
    });
  },
);

describe('a fault in one file', () => {
  it('is reported, and the rest goes on', async () => {
    putPicture('good');
    putPicture('broken');
    put('Annotations/broken.xml', xml('broken.jpg').slice(0, 90));
    put('Annotations/missing.xml', xml('missing.jpg'));
    putPicture('corrupt');
    put('JPEGImages/corrupt.jpg', jpeg.slice(0, jpeg.length / 2));
    putPicture('not-a-picture');
    put('JPEGImages/not-a-picture.jpg', 'hello');
    putPicture('empty');
    put('JPEGImages/empty.jpg', '');
    putPicture('binary');
    put('Annotations/binary.xml', Uint8Array.of(0x3c, 0xff, 0x00, 0x80));
    putPicture('bomb');
    put('Annotations/bomb.xml', `<!DOCTYPE a [<!ENTITY e "${'x'.repeat(1000)}">]><annotation>&e;</annotation>`);
    putPicture('last');

    const report = await run();
    expect(namesInProject()).toEqual(['good.jpg', 'last.jpg']);
    expect(report).toMatchObject({ imagesAdded: 2, objectsAdded: 2 });
    const reasons = new Map(report.skipped.map((skip) => [skip.file, skip.reason]));
    expect([...reasons.keys()].sort()).toEqual([
      'Annotations/binary.xml',
      'Annotations/bomb.xml',
      'Annotations/broken.xml',
      'Annotations/missing.xml',
      'JPEGImages/corrupt.jpg',
      'JPEGImages/empty.jpg',
      'JPEGImages/not-a-picture.jpg',
    ]);
    expect(reasons.get('Annotations/broken.xml')).toMatch(/^line 1, column \d+/);
    expect(reasons.get('Annotations/binary.xml')).toBe('it is not text in the encoding utf-8');
    expect(reasons.get('Annotations/missing.xml')).toBe('its picture is missing: missing.jpg');
    expect(reasons.get('Annotations/bomb.xml')).toMatch(/document type/);
    expect(reasons.get('JPEGImages/corrupt.jpg')).toMatch(/truncated|corrupt/);
  });

  it('is reported for a file too large to be an annotation', async () => {
    putPicture('good');
    put('Annotations/huge.xml', '<a>'.repeat(6_000_000));
    const report = await run();
    expect(report.skipped).toMatchObject([{ file: 'Annotations/huge.xml', reason: 'the file is larger than 16 MB' }]);
    expect(report.imagesAdded).toBe(1);
  });

  it('in one object leaves the other objects of the picture', async () => {
    putPicture('a', ['1 2 30 40', '5 5 5 9', '30 2 1 40', 'NaN 1 2 3', '-4 0 100 20', '70 1 90 20']);
    const report = await run();
    expect(report.objectsAdded).toBe(2);
    expect(report.skipped.map((skip) => [skip.object, skip.className])).toEqual([
      [2, 'cell'],
      [3, 'cell'],
      [4, 'cell'],
      [6, 'cell'],
    ]);
    expect(report.notes.find((note) => note.object === 5)?.reason).toMatch(/cut at the picture's border/);
    expect(store.imagesOfSplit(null)[0].objects[1].box).toEqual({ x1: 0, y1: 0, x2: 64, y2: 20 });
  });
});

describe('a hostile folder', () => {
  it('cannot reach pictures outside by name or by link', async () => {
    writeFileSync(join(folder, 'secret.jpg'), jpeg);
    putPicture('good');
    put('Annotations/climbs.xml', xml('../../secret.jpg'));
    put('Annotations/climbs2.xml', xml('..\\..\\secret.jpg'));
    put('Annotations/absolute.xml', xml(join(folder, 'secret.jpg')));
    put('Annotations/linked.xml', xml('linked.jpg'));
    symlinkSync(join(folder, 'secret.jpg'), join(from, 'JPEGImages/linked.jpg'));
    symlinkSync(folder, join(from, 'JPEGImages/folder'));
    const report = await run();
    expect(namesInProject()).toEqual(['good.jpg']);
    const reasons = new Map(report.skipped.map((skip) => [skip.file, skip.reason]));
    expect(reasons.get('Annotations/climbs.xml')).toMatch(/leads out of the folder/);
    expect(reasons.get('Annotations/climbs2.xml')).toMatch(/leads out of the folder/);
    expect(reasons.get('Annotations/absolute.xml')).toMatch(/missing/);
    expect(reasons.get('Annotations/linked.xml')).toMatch(/leads out of the folder/);
    expect(reasons.get('JPEGImages/folder')).toMatch(/leads out of the folder/);
  });
});

describe('layouts', () => {
  it('VOC’s own, below VOCdevkit, with masks that have the pictures’ names', async () => {
    put('VOCdevkit/VOC2007/JPEGImages/a.jpg', jpeg);
    put('VOCdevkit/VOC2007/Annotations/a.xml', xml('a.jpg'));
    put('VOCdevkit/VOC2007/SegmentationClass/a.png', 'mask');
    put('VOCdevkit/VOC2007/ImageSets/Main/test.txt', 'a\n');
    put('VOCdevkit/VOC2012/JPEGImages/a.jpg', jpeg);
    put('VOCdevkit/VOC2012/Annotations/a.xml', xml('a.jpg'));
    put('VOCdevkit/VOC2012/ImageSets/Main/trainval.txt', 'a\n');
    expect(await run()).toMatchObject({ imagesAdded: 2, skipped: [], splits: { train: 1, test: 1 } });
  });

  it('XML and pictures side by side, any case of extension, no splits: 80/20 by hash and said so', async () => {
    const extensions = ['jpg', 'JPG', 'jpeg', 'JPEG', 'Jpg'];
    for (let k = 0; k < 20; k++) {
      put(`p${k}.${extensions[k % 5]}`, jpeg);
      put(`p${k}.XML`, xml(`other${k}.png`));
    }
    const report = await run();
    expect(report).toMatchObject({ imagesAdded: 20, skipped: [], splits: { train: 16, val: 4, test: 0, none: 0 } });
    expect(report.notes).toMatchObject([
      { reason: expect.stringMatching(/16 pictures were put in train and 4 in val/) as string },
    ]);
  });

  it('pictures in images/, found by <filename> when the XML has another name', async () => {
    put('images/real.jpg', jpeg);
    put('annotations/label-7.xml', xml('C:\\data\\real.jpg'));
    expect(await run()).toMatchObject({ imagesAdded: 1, skipped: [] });
    expect(namesInProject()).toEqual(['real.jpg']);
  });

  it('train/, valid/ and test/ folders', async () => {
    for (const split of ['train', 'valid', 'test']) {
      put(`${split}/${split}1.jpg`, jpeg);
      put(`${split}/${split}1.xml`, xml(`${split}1.jpg`));
    }
    expect(await run()).toMatchObject({ imagesAdded: 3, splits: { train: 1, val: 1, test: 1, none: 0 } });
  });

  it('pictures without annotation come in without objects and in no split', async () => {
    putPicture('a');
    put('JPEGImages/b.jpg', jpeg);
    put('ImageSets/Main/train.txt', 'a\r\nb\r\n');
    const report = await run();
    expect(report).toMatchObject({ imagesAdded: 2, splits: { train: 1, none: 1 } });
    expect(report.notes).toMatchObject([{ file: 'JPEGImages/b.jpg' }]);
  });

  it('a split asked for wins over the lists', async () => {
    putPicture('a');
    put('ImageSets/Main/train.txt', 'a\n');
    expect(await run({ split: 'test' })).toMatchObject({ splits: { train: 0, test: 1 } });
  });

  it('a folder of pictures alone: all to be labelled, one remark', async () => {
    put('a.jpg', jpeg);
    put('more/b.jpg', jpeg);
    const report = await run();
    expect(report).toMatchObject({ imagesAdded: 2, objectsAdded: 0, splits: { train: 0, val: 0, test: 0, none: 2 } });
    expect(report.notes.map(({ reason }) => reason)).toEqual([
      'there are no annotations: 2 pictures were added without objects, in no split',
    ]);
  });

  it('a folder with neither annotations nor pictures is refused, and one that is not there', async () => {
    put('notes.txt', 'nothing to see');
    await expect(run()).rejects.toMatchObject({ code: 'not-found' });
    await expect(run({ from: join(folder, 'nowhere') })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('two annotations of one picture: the first counts', async () => {
    putPicture('a');
    put('Annotations/b.xml', xml('a.jpg'));
    const report = await run();
    expect(report.imagesAdded).toBe(1);
    expect(report.skipped).toMatchObject([{ file: 'Annotations/b.xml' }]);
  });
});

describe('copying', () => {
  it('puts the pictures into the project, once, and keeps both of two with the same name', async () => {
    put('one/a.jpg', jpeg);
    put('one/a.xml', xml('a.jpg'));
    expect(await run({ copy: true })).toMatchObject({ imagesAdded: 1 });
    expect(await run({ copy: true })).toMatchObject({ imagesAdded: 0, imagesUnchanged: 1 });
    const other = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#fff' } })
      .jpeg()
      .toBuffer();
    put('one/a.jpg', other);
    expect(await run({ copy: true })).toMatchObject({ imagesAdded: 1 });
    const images = store.imagesOfSplit(null);
    expect(images.every((image) => image.path.startsWith(join(store.directory, 'images')))).toBe(true);
    expect(images.map((image) => readFileSync(image.path).length)).toEqual([jpeg.length, other.length]);
    rmSync(from, { recursive: true });
    expect(images.every((image) => existsSync(image.path))).toBe(true);
  });

  it('cancelled leaves neither pictures nor files nor classes', async () => {
    for (let k = 0; k < 12; k++) putPicture(`p${k}`);
    put('Annotations/p0.xml', xml('p0.jpg', undefined, 'new class'));
    const controller = new AbortController();
    const progress = (label: string, done: number): void => {
      if (label === 'Checking pictures' && done === 8) controller.abort();
    };
    await expect(run({ copy: true }, { progress, signal: controller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(store.summary().images).toBe(0);
    expect(store.info().classes.map((c) => c.name)).toEqual(['cell']);
    const left = join(store.directory, 'images');
    expect(
      existsSync(left) ? readdirSync(left, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()) : [],
    ).toEqual([]);
  });
});

it('reads the encodings that labelling tools write', async () => {
  putPicture('latin');
  const latin = `<?xml version="1.0" encoding="ISO-8859-1"?>${xml('latin.jpg', undefined, 'Käfer')}`;
  put(
    'Annotations/latin.xml',
    Uint8Array.from(latin, (c) => c.charCodeAt(0)),
  );
  putPicture('utf16');
  put('Annotations/utf16.xml', Buffer.from(`\uFEFF${xml('utf16.jpg', undefined, '苹果')}`, 'utf16le'));
  const report = await run();
  expect(report).toMatchObject({ imagesAdded: 2, skipped: [], classesAdded: ['Käfer', '苹果'] });
});
