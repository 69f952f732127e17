/**
 * Thousands of boxes over a picture, as one image of how many outlines cross each pixel. Outlines are kept as differences: a
 * border adds one where it begins and takes one away behind its end, and one pass over the pixels sums them up. The work is
 * four additions per box and one visit per pixel, whatever the boxes' lengths, so that all 24,564 of SSD512 follow the hand.
 */
import type { Layer } from './draw';
import type { Size } from './viewport';

/** Pixels of the image = scale * unit + offset, per axis. */
export interface Placing {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** So opaque is a single outline where there are few. */
const SINGLE = 0.7;
/** Where outlines lie densely, each is so faint that the mean of the image becomes this opaque. */
const MEAN = 0.38;
const LEVELS = 1024;

export class OutlineCounts {
  #across = new Int32Array(0);
  #down = new Int32Array(0);
  #running = new Int32Array(0);
  width = 0;
  height = 0;
  /** Pixels of outline inside the image: their number by the image's area is the mean count. */
  drawn = 0;

  /** Begins anew at a size in pixels. */
  reset(width: number, height: number) {
    if (width !== this.width || height !== this.height) {
      this.#across = new Int32Array((width + 1) * height);
      this.#down = new Int32Array(width * (height + 1));
      this.#running = new Int32Array(width);
      this.width = width;
      this.height = height;
    }
    this.drawn = 0;
  }

  /**
   * Adds the outlines of some boxes, one pixel wide; what lies outside of the image is left out.
   * @param corners [n, 4] x1, y1, x2, y2 in unit coordinates
   */
  add(corners: Float32Array, indices: Int32Array, { scaleX, scaleY, offsetX, offsetY }: Placing) {
    const { width, height } = this;
    const across = this.#across;
    const down = this.#down;
    let drawn = 0;
    for (let i = 0; i < indices.length; i++) {
      const at = 4 * indices[i];
      const x1 = Math.floor(corners[at] * scaleX + offsetX);
      const y1 = Math.floor(corners[at + 1] * scaleY + offsetY);
      const x2 = Math.floor(corners[at + 2] * scaleX + offsetX);
      const y2 = Math.floor(corners[at + 3] * scaleY + offsetY);
      if (x2 < 0 || y2 < 0 || x1 >= width || y1 >= height) continue;
      const left = x1 > 0 ? x1 : 0;
      const right = x2 < width ? x2 + 1 : width;
      if (y1 >= 0) {
        across[y1 * (width + 1) + left]++;
        across[y1 * (width + 1) + right]--;
        drawn += right - left;
      }
      if (y2 < height) {
        across[y2 * (width + 1) + left]++;
        across[y2 * (width + 1) + right]--;
        drawn += right - left;
      }
      // Corners belong to the horizontal borders.
      const top = y1 >= 0 ? y1 + 1 : 0;
      const bottom = y2 < height ? y2 : height;
      if (bottom <= top) continue;
      if (x1 >= 0) {
        down[top * width + x1]++;
        down[bottom * width + x1]--;
        drawn += bottom - top;
      }
      if (x2 < width) {
        down[top * width + x2]++;
        down[bottom * width + x2]--;
        drawn += bottom - top;
      }
    }
    this.drawn += drawn;
  }

  /** Writes one value per pixel, `values[count]`, the last for all larger counts, and forgets the boxes. */
  write(values: Uint32Array, pixels: Uint32Array) {
    const { width, height } = this;
    const across = this.#across;
    const down = this.#down;
    const running = this.#running;
    const most = values.length - 1;
    running.fill(0);
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const acrossRow = y * (width + 1);
      let run = 0;
      for (let x = 0; x < width; x++) {
        run += across[acrossRow + x];
        running[x] += down[row + x];
        const count = run + running[x];
        pixels[row + x] = values[count < most ? count : most];
      }
    }
    across.fill(0);
    down.fill(0);
  }
}

/** Values by count in the memory order of image data: more outlines are more opaque, as if each were laid over the others. */
export function opacityValues(
  [red, green, blue]: readonly [number, number, number],
  meanCount: number,
  values = new Uint32Array(LEVELS),
): Uint32Array {
  const single = Math.min(SINGLE, MEAN / Math.max(meanCount, 1e-6));
  const bytes = new Uint8Array(values.buffer);
  for (let count = 0; count < values.length; count++) {
    bytes.set([red, green, blue, Math.round(255 * (1 - (1 - single) ** count))], 4 * count);
  }
  return values;
}

/** More pixels than this are drawn at half or a third of the screen's resolution: what a busy processor does in a frame. */
const MOST_PIXELS = 1_500_000;

/** The boxes `indices` of `corners` as a layer over a picture of `image` pixels. */
export function densityLayer(
  corners: Float32Array,
  indices: Int32Array,
  image: Size,
  colour: readonly [number, number, number],
): Layer {
  const surface = new OffscreenCanvas(1, 1);
  const surfaceContext = surface.getContext('2d', { willReadFrequently: true });
  const counts = new OutlineCounts();
  const values = new Uint32Array(LEVELS);
  let data = new ImageData(1, 1);
  return (context, view, size) => {
    if (!surfaceContext || indices.length === 0) return;
    const { a: ratio } = context.getTransform();
    const coarse = Math.ceil(Math.sqrt((size.width * size.height * ratio * ratio) / MOST_PIXELS));
    const factor = ratio / coarse;
    const [width, height] = [Math.ceil(size.width * factor), Math.ceil(size.height * factor)];
    if (surface.width !== width || surface.height !== height) {
      Object.assign(surface, { width, height });
      data = new ImageData(width, height);
    }
    counts.reset(width, height);
    counts.add(corners, indices, {
      scaleX: view.scale * image.width * factor,
      scaleY: view.scale * image.height * factor,
      offsetX: view.offsetX * factor,
      offsetY: view.offsetY * factor,
    });
    opacityValues(colour, counts.drawn / (width * height), values);
    counts.write(values, new Uint32Array(data.data.buffer));
    surfaceContext.putImageData(data, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(surface, 0, 0, width / factor, height / factor);
  };
}
