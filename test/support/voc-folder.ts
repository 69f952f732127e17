/** A Pascal VOC folder drawn by the test: discs and squares on grey, with the faults that real folders have. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '@core/random/random';

const SIZE = { width: 320, height: 240 } as const;

interface Shape {
  readonly name: 'disc' | 'square';
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly colour: string;
}

export interface VocFolder {
  readonly path: string;
  readonly pictures: number;
  readonly objects: number;
  /** File names (without folder) of what an import must leave out. */
  readonly faults: readonly string[];
  /** A readable picture of the same kind that is not in the folder. */
  readonly elsewhere: string;
}

/** `pictures` good ones, two thirds in train, the rest in val; and one fault of each kind. */
export async function drawVocFolder(pictures: number, seed = 7): Promise<VocFolder> {
  const path = join(mkdtempSync(join(tmpdir(), 'ssd-studio-voc-')), 'Shapes');
  for (const folder of ['JPEGImages', 'Annotations', 'ImageSets/Main'])
    mkdirSync(join(path, folder), { recursive: true });
  const generator = Random.seeded(seed);
  const random = (): number => generator.next();
  const splits = { train: [] as string[], val: [] as string[] };
  let objects = 0;
  for (let k = 0; k < pictures; k++) {
    const name = `shapes-${String(k).padStart(3, '0')}`;
    const shapes = drawShapes(random);
    objects += shapes.length;
    writeFileSync(join(path, 'JPEGImages', `${name}.jpg`), await paint(shapes));
    writeFileSync(join(path, 'Annotations', `${name}.xml`), annotation(name, shapes.map(objectXml).join('')));
    splits[k % 3 === 2 ? 'val' : 'train'].push(name);
  }
  for (const [split, names] of Object.entries(splits)) {
    writeFileSync(join(path, 'ImageSets/Main', `${split}.txt`), `${names.join('\n')}\n`);
  }
  const faults = await addFaults(path, random);
  const elsewhere = join(path, '..', 'elsewhere.jpg');
  writeFileSync(elsewhere, await paint(drawShapes(random)));
  return { path, pictures: pictures + 1, objects, faults, elsewhere };
}

function drawShapes(random: () => number): Shape[] {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, (_, k) => {
    const side = 36 + Math.floor(random() * 44);
    return {
      name: random() < 0.5 ? 'disc' : 'square',
      x: 8 + k * 104 + Math.floor(random() * 12),
      y: 8 + Math.floor(random() * (SIZE.height - side - 16)),
      side,
      colour: `hsl(${Math.floor(random() * 360)} 70% 55%)`,
    };
  });
}

function paint(shapes: readonly Shape[]): Promise<Buffer> {
  const drawn = shapes.map(({ name, x, y, side, colour }) =>
    name === 'disc'
      ? `<circle cx="${x + side / 2}" cy="${y + side / 2}" r="${side / 2}" fill="${colour}"/>`
      : `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${colour}"/>`,
  );
  const { width, height } = SIZE;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#888"/>${drawn.join('')}</svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 92 }).toBuffer();
}

const objectXml = ({ name, x, y, side }: Shape): string => box(name, x, y, x + side, y + side);
const box = (name: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<object><name>${name}</name><difficult>0</difficult><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`;
const annotation = (name: string, objects: string): string =>
  `<annotation><filename>${name}.jpg</filename><size><width>${SIZE.width}</width><height>${SIZE.height}</height><depth>3</depth></size>${objects}</annotation>`;

/** An XML cut short, a corrupt picture, an annotation without its picture; and a good picture with a box without area. */
async function addFaults(path: string, random: () => number): Promise<string[]> {
  const jpeg = await paint(drawShapes(random));
  const write = (name: string, picture: Buffer | null, xml: string): void => {
    if (picture) writeFileSync(join(path, 'JPEGImages', `${name}.jpg`), picture);
    writeFileSync(join(path, 'Annotations', `${name}.xml`), xml);
  };
  write('broken-xml', jpeg, '<annotation><object><name>disc</na');
  write('corrupt-picture', jpeg.subarray(0, 300), annotation('corrupt-picture', box('disc', 10, 10, 50, 50)));
  write('no-picture', null, annotation('no-picture', box('disc', 10, 10, 50, 50)));
  write('flat-box', jpeg, annotation('flat-box', box('disc', 10, 10, 10, 50)));
  return ['broken-xml', 'corrupt-picture', 'no-picture', 'flat-box'];
}
