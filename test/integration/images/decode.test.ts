import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRgb, measure, thumbnail, verify } from '../../../src-main/images/decode';
import { ImageError } from '../../../src-main/images/image-error';

/** Left half red, right half blue, 60x40. */
const halves = () => {
  const pixels = Buffer.alloc(60 * 40 * 3);
  for (let i = 0; i < 60 * 40; i++) pixels[i * 3 + (i % 60 < 30 ? 0 : 2)] = 255;
  return sharp(pixels, { raw: { width: 60, height: 40, channels: 3 } });
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-images-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ImageError);
  return (error as ImageError).message;
}

describe('decoding pictures', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'gif'] as const)('reads %s as RGB', async (format) => {
    const path = join(folder, `halves.${format}`);
    await halves().toFormat(format).toFile(path);
    const { data, width, height } = await decodeRgb(path);
    expect([width, height, data.length]).toEqual([60, 40, 60 * 40 * 3]);
    const pixel = (x: number, y: number) => [...data.subarray((y * 60 + x) * 3, (y * 60 + x) * 3 + 3)];
    expect(pixel(5, 5)[0]).toBeGreaterThan(240);
    expect(pixel(5, 5)[2]).toBeLessThan(15);
    expect(pixel(55, 35)[2]).toBeGreaterThan(240);
  });

  it('turns a picture the way its EXIF orientation says, in size, pixels and thumbnail', async () => {
    const path = join(folder, 'turned.jpg');
    await halves().withMetadata({ orientation: 6 }).jpeg().toFile(path); // 6: turn clockwise by 90 degrees
    expect(await measure(path)).toEqual({ width: 40, height: 60 });
    const { data, width, height } = await decodeRgb(path);
    expect([width, height]).toEqual([40, 60]);
    expect(data[0]).toBeGreaterThan(240); // red has gone to the top
    expect(data[59 * 40 * 3 + 2]).toBeGreaterThan(240);
    const small = await sharp(await thumbnail(path, 30)).metadata();
    expect([small.width, small.height, small.format]).toEqual([20, 30, 'jpeg']);
  });

  it('gives three channels for grey, transparent and 16-bit pictures', async () => {
    const grey = join(folder, 'grey.jpg');
    await halves().greyscale().jpeg().toFile(grey);
    const decoded = await decodeRgb(grey);
    expect(decoded.data.length).toBe(60 * 40 * 3);
    expect(decoded.data[0]).toBe(decoded.data[1]);
    const clear = join(folder, 'clear.png');
    await sharp({ create: { width: 4, height: 3, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toFile(clear);
    expect([...(await decodeRgb(clear)).data]).toEqual(new Array(36).fill(255));
    const deep = join(folder, 'deep.png');
    await halves().toColourspace('rgb16').png().toFile(deep);
    expect((await decodeRgb(deep)).data[0]).toBe(255);
  });

  it('shrinks to cover a box and never enlarges', async () => {
    const path = join(folder, 'large.png');
    await sharp({ create: { width: 800, height: 300, channels: 3, background: '#204060' } })
      .png()
      .toFile(path);
    expect(await decodeRgb(path, { width: 200, height: 150 })).toMatchObject({ width: 400, height: 150 });
    expect(await decodeRgb(path, { width: 4000, height: 4000 })).toMatchObject({ width: 800, height: 300 });
  });

  it('names the file and the reason for what it cannot read', async () => {
    expect(await reasonOf(measure(join(folder, 'none.jpg')))).toMatch(/none\.jpg: the file does not exist/);
    expect(await reasonOf(measure(folder))).toMatch(/folder/);
    const text = join(folder, 'text.jpg');
    writeFileSync(text, 'this is not a picture');
    expect(await reasonOf(measure(text))).toMatch(/text\.jpg: this is not a picture/);
    const empty = join(folder, 'empty.png');
    writeFileSync(empty, '');
    expect(await reasonOf(verify(empty))).toMatch(/empty/);
    const svg = join(folder, 'drawing.svg');
    writeFileSync(
      svg,
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    );
    expect(await reasonOf(measure(svg))).toMatch(/not a picture in a supported format/);
  });

  it('finds a truncated and a damaged picture although their headers are whole', async () => {
    const noise = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, i) => (i * 7919 + (i >> 3) * 104729) & 255));
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
        .toFormat(format)
        .toBuffer();
      const cut = join(folder, `cut.${format}`);
      writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
      if (format !== 'webp') expect(await measure(cut)).toEqual({ width: 200, height: 200 });
      expect(await reasonOf(verify(cut)), format).toMatch(/truncated or corrupt|is corrupt/);
    }
    const damaged = join(folder, 'damaged.jpg');
    const bytes = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
      .jpeg()
      .toBuffer();
    for (let i = 1000; i < bytes.length - 1000; i += 97) bytes[i]! ^= 0x5a;
    writeFileSync(damaged, bytes);
    expect(await reasonOf(verify(damaged))).toMatch(/corrupt/);
  });

  it('refuses a picture of absurd size by its header', async () => {
    const path = join(folder, 'bomb.png');
    await halves().png().toFile(path);
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(60_000, 16);
    bytes.writeUInt32BE(60_000, 20);
    writeFileSync(path, bytes);
    expect(await reasonOf(measure(path))).toMatch(/too many pixels|corrupt/);
  });
});
