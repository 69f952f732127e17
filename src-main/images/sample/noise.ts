/** Smooth noise for surfaces: a tile of random values, read between its points at any scale. */
import type { Random } from '@core/random/random';

const SIZE = 256;

export class Noise {
  readonly #values = new Float32Array(SIZE * SIZE);

  constructor(random: Random) {
    for (let i = 0; i < this.#values.length; i++) this.#values[i] = random.next() * 2 - 1;
  }

  /** In [-1, 1], smooth, varying over about one unit, repeating after 256. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const u = smooth(x - column);
    const v = smooth(y - row);
    const left = column & (SIZE - 1);
    const right = (column + 1) & (SIZE - 1);
    const above = (row & (SIZE - 1)) * SIZE;
    const below = ((row + 1) & (SIZE - 1)) * SIZE;
    const values = this.#values;
    const upper = values[above + left] + u * (values[above + right] - values[above + left]);
    const lower = values[below + left] + u * (values[below + right] - values[below + left]);
    return upper + v * (lower - upper);
  }
}

const smooth = (t: number): number => t * t * (3 - 2 * t);
