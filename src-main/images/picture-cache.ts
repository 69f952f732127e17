/** Decoded training pictures, kept in memory as far as a budget goes. */
import type { Size } from '@core/geometry/convert';
import { decodeRgb, type RgbImage } from './decode';
import { ImageError } from './image-error';

/** Pictures finer than this many times the network input are shrunk when they are decoded: a crop still finds its detail. */
const DETAIL = 2;

/** Every picture is shown equally often, so those that fit stay and the others are decoded each time; nothing is evicted. */
export class PictureCache {
  private readonly kept = new Map<string, RgbImage>();
  private readonly failures = new Map<string, ImageError>();
  private bytesLeft: number;

  constructor(
    private readonly input: Size,
    budgetBytes: number,
  ) {
    this.bytesLeft = budgetBytes;
  }

  /** @throws ImageError, the same again for a picture that failed once */
  async read(path: string): Promise<RgbImage> {
    const known = this.kept.get(path);
    if (known) return known;
    const failure = this.failures.get(path);
    if (failure) throw failure;
    try {
      const image = await decodeRgb(path, { width: this.input.width * DETAIL, height: this.input.height * DETAIL });
      if (image.data.byteLength <= this.bytesLeft && !this.kept.has(path)) {
        this.bytesLeft -= image.data.byteLength;
        this.kept.set(path, image);
      }
      return image;
    } catch (error) {
      if (error instanceof ImageError) this.failures.set(path, error);
      throw error;
    }
  }
}
