/** Which picture comes when: every epoch shows each picture once, in an order of its own. */
import { Random } from '../random/random';

/** Marks the stream of random numbers for orders, so that it never meets the one for augmentation. */
const ORDER_STREAM = 0x0bde5;

/** A place in the endless sequence of pictures that a run sees. */
export interface Showing {
  readonly epoch: number;
  /** Position in the list of training pictures. */
  readonly index: number;
}

/**
 * The sequence for a seed. Random access: step s of batch size N shows positions s*N to s*N + N - 1, so that a run can go on
 * from its step number alone. Consecutive batches run over the ends of epochs.
 */
export class PictureOrder {
  private epoch = -1;
  private readonly order: Int32Array;

  /** @throws RangeError without pictures */
  constructor(
    private readonly seed: number,
    private readonly count: number,
  ) {
    if (count < 1) throw new RangeError('there is no picture to train on');
    this.order = new Int32Array(count);
  }

  at(position: number): Showing {
    const epoch = Math.floor(position / this.count);
    if (epoch !== this.epoch) {
      for (let i = 0; i < this.count; i++) this.order[i] = i;
      Random.seeded(this.seed, ORDER_STREAM, epoch).shuffle(this.order);
      this.epoch = epoch;
    }
    return { epoch, index: this.order[position - epoch * this.count] };
  }
}
