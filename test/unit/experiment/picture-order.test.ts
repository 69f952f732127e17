import { describe, expect, it } from 'vitest';
import { PictureOrder } from '@core/experiment/picture-order';

const first = (order: PictureOrder, count: number) => Array.from({ length: count }, (_, i) => order.at(i));

describe('order of training pictures', () => {
  it('shows every picture once in each epoch, in another order each time', () => {
    const shown = first(new PictureOrder(7, 10), 30);
    const epochs = [0, 1, 2].map((epoch) => shown.filter((s) => s.epoch === epoch).map((s) => s.index));
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[1]).not.toEqual(epochs[2]);
  });

  it('depends on nothing but seed and position', () => {
    const whole = first(new PictureOrder(7, 10), 30);
    const jumping = new PictureOrder(7, 10);
    for (const i of [25, 3, 29, 0, 14]) expect(jumping.at(i)).toEqual(whole[i]);
    expect(first(new PictureOrder(8, 10), 30)).not.toEqual(whole);
  });

  it('refuses to order nothing', () => {
    expect(() => new PictureOrder(1, 0)).toThrow(/no picture/);
  });
});
