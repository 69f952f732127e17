/**
 * Random numbers from a seed: the only randomness of the core. The state is four 32-bit words and can be stored, so that a
 * resumed run draws what an uninterrupted one would have drawn.
 */

export type RandomState = readonly [number, number, number, number];

/** Chris Doty-Humphrey's sfc32 (PractRand): 128 bits of state, period at least 2^32, about 2^127 on average. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  private constructor(state: RandomState) {
    [this.a, this.b, this.c, this.counter] = state;
  }

  /** A generator for a seed and a stream: `Random.seeded(run.seed, epoch, imageId)` is the same on every machine. */
  static seeded(...words: readonly number[]): Random {
    let hash = 0x811c9dc5;
    const mixed = [0, 0, 0];
    for (let i = 0; i < words.length + 3; i++) {
      hash = mix32(hash ^ mix32(((words[i] ?? 0) | 0) + Math.imul(i + 1, 0x9e3779b9)));
      mixed[i % 3] = (mixed[i % 3] ^ hash) | 0;
    }
    const random = new Random([mixed[0], mixed[1], mixed[2], 1]);
    for (let i = 0; i < 12; i++) random.bits();
    return random;
  }

  static restored(state: RandomState): Random {
    return new Random(state);
  }

  /** What `Random.restored` needs to go on from here. */
  state(): RandomState {
    return [this.a, this.b, this.c, this.counter];
  }

  /** A generator of its own that follows from this one's state; this one draws on as if nothing had happened. */
  branch(stream: number): Random {
    return Random.seeded(...this.state(), stream);
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  next(): number {
    return this.bits() / 4294967296;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform integer in [0, count), count at least 1. */
  integer(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** True with this probability; always draws once, so that what follows does not depend on the probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Standard normal, by Box and Muller; draws twice. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Fisher and Yates, in place. */
  shuffle(values: { [index: number]: number; readonly length: number }): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }
}

/** The finaliser of MurmurHash3: every input bit changes about half of the output bits. */
function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
