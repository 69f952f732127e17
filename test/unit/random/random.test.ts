import { describe, expect, it } from 'vitest';
import { Random } from '@core/random/random';

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  it('is sfc32: the sequence from a known state', () => {
    // From state (a, b, c, counter) = (1, 2, 3, 4) by hand: sum = 1 + 2 + 4, then a = 2, b = 27, c = rotl(3, 21) + 7.
    const random = Random.restored([1, 2, 3, 4]);
    expect(random.bits()).toBe(7);
    expect(random.state()).toEqual([2, 27, 3 * 2 ** 21 + 7, 5]);
  });

  it('gives the same numbers for the same seeds and others for others', () => {
    expect(draw(Random.seeded(1, 2, 3), 5)).toEqual(draw(Random.seeded(1, 2, 3), 5));
    const first = [[], [0], [1], [1, 0], [0, 1], [1, 2], [2, 1], [1, 2, 3], [1, 2, 4]].map((words) =>
      Random.seeded(...words).bits(),
    );
    expect(new Set(first).size).toBe(first.length);
  });

  it('goes on from a stored state', () => {
    const random = Random.seeded(42);
    draw(random, 10);
    const restored = Random.restored(JSON.parse(JSON.stringify(random.state())));
    expect(draw(restored, 10)).toEqual(draw(random, 10));
  });

  it('is uniform, also in its integers and over neighbouring seeds', () => {
    const random = Random.seeded(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) counts[random.integer(10)]++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    let sum = 0;
    for (let seed = 0; seed < 5000; seed++) sum += Random.seeded(seed).next();
    expect(sum / 5000).toBeCloseTo(0.5, 1);
    const values = draw(random, 1000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });

  it('has normal numbers of mean 0 and variance 1', () => {
    const random = Random.seeded(8);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it('shuffles: every element once, every place equally likely', () => {
    const random = Random.seeded(9);
    const firsts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const values = Int32Array.from([0, 1, 2, 3]);
      random.shuffle(values);
      expect(Array.from(values).sort()).toEqual([0, 1, 2, 3]);
      firsts[values[0]]++;
    }
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
