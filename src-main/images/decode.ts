/** Picture files to pixels: EXIF orientation applied, transparency laid on white, always 8-bit RGB. */
import { readFile } from 'node:fs/promises';
import { ImageError, reasonOf } from './image-error';
import { loadSharp, type Sharp } from './sharp';

/** Pixels as stored rows: data[(y * width + x) * 3 + channel], channels in RGB order. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A path, or the bytes of a file with the name that errors should use. */
export type ImageSource = string | { readonly name: string; readonly bytes: Uint8Array };

/** 150 million pixels are 450 MB once decoded; more is refused before any of it is. */
export const MAX_PIXELS = 150_000_000;
const MAX_FILE_BYTES = 500_000_000;
const FORMATS = new Set(['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif']);

/**
 * Size after EXIF orientation, from the header alone.
 * @throws ImageError when the file is missing, not a picture of a supported format, or too large.
 */
export async function measure(source: ImageSource): Promise<{ readonly width: number; readonly height: number }> {
  return guarded(source, async (open) => {
    const { autoOrient } = await checkedMetadata(open, nameOf(source));
    return { width: autoOrient.width, height: autoOrient.height };
  });
}

/**
 * Decodes the whole picture and returns its size.
 * @throws ImageError when any of it is truncated or corrupt.
 */
export async function verify(path: string): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await decodeRgb(path);
  return { width, height };
}

/**
 * Decodes a picture to RGB. With `within`, a picture larger than that box is shrunk to cover it (aspect ratio kept), which
 * lets libjpeg decode at a fraction of the size; boxes scale with it.
 * @throws ImageError
 */
export async function decodeRgb(
  source: ImageSource,
  within?: { readonly width: number; readonly height: number },
): Promise<RgbImage> {
  return guarded(source, async (open) => {
    await checkedMetadata(open, nameOf(source));
    let pipeline = open().autoOrient();
    if (within !== undefined) {
      pipeline = pipeline.resize({ ...within, fit: 'outside', withoutEnlargement: true, kernel: 'linear' });
    }
    const { data, info } = await pipeline
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { data: info.channels === 3 ? pixels : toThreeChannels(pixels, info.channels), ...sizeOf(info) };
  });
}

/**
 * A JPEG at most `side` pixels on its longer side, never enlarged.
 * @throws ImageError
 */
export async function thumbnail(source: ImageSource, side = 320): Promise<Uint8Array> {
  return guarded(source, async (open) => {
    await checkedMetadata(open, nameOf(source));
    return open()
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .jpeg({ quality: 82 })
      .toBuffer();
  });
}

const nameOf = (source: ImageSource): string => (typeof source === 'string' ? source : source.name);
const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

async function guarded<T>(source: ImageSource, use: (open: () => Sharp) => Promise<T>): Promise<T> {
  try {
    const sharp = await loadSharp();
    // Read here, not by libvips: it would interpret brackets and options in file names.
    const bytes = typeof source === 'string' ? await readFile(source) : source.bytes;
    if (bytes.byteLength === 0) throw new ImageError(nameOf(source), 'the file is empty');
    if (bytes.byteLength > MAX_FILE_BYTES) throw new ImageError(nameOf(source), 'the file is larger than 500 MB');
    const openWith = (failOn: 'error' | 'warning') => () =>
      sharp(bytes, { failOn, limitInputPixels: MAX_PIXELS, sequentialRead: true });
    try {
      return await use(openWith('warning'));
    } catch (error) {
      // libjpeg reports damaged picture data as a warning, and so it does this harmless habit of some cameras.
      if (error instanceof Error && /extraneous bytes/.test(error.message)) return await use(openWith('error'));
      throw error;
    }
  } catch (error) {
    throw error instanceof ImageError ? error : new ImageError(nameOf(source), reasonOf(error), { cause: error });
  }
}

async function checkedMetadata(open: () => Sharp, name: string) {
  const metadata = await open().metadata();
  if (!FORMATS.has(metadata.format))
    throw new ImageError(name, `pictures in the format ${metadata.format} are not supported`);
  if (metadata.width * metadata.height > MAX_PIXELS) {
    const megapixels = Math.round((metadata.width * metadata.height) / 1e6);
    throw new ImageError(name, `the picture has too many pixels (${megapixels} million, at most ${MAX_PIXELS / 1e6})`);
  }
  return metadata;
}

function toThreeChannels(pixels: Uint8Array, channels: number): Uint8Array {
  const count = pixels.length / channels;
  const rgb = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = pixels[i * channels + (channels < 3 ? 0 : c)]!;
  }
  return rgb;
}
